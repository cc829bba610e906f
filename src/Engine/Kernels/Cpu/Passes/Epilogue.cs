namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>What becomes of a product when it is committed.</summary>
internal enum Epilogue
{
    /// <summary>y = W x.</summary>
    Store,

    /// <summary>y = tanh(W x).</summary>
    Tanh,

    /// <summary>y = sigmoid(W x).</summary>
    Sigmoid,

    /// <summary>y = W x sigmoid(W x).</summary>
    Silu,

    /// <summary>y = relu(W x)^2.</summary>
    ReluSquared,

    /// <summary>y = y + W x.</summary>
    Add,

    /// <summary>y = y + gate W x.</summary>
    AddGated,
}
