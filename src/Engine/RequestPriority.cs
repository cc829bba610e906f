namespace RwkvSk.Engine;

/// <summary>Who gets a free slot first when requests wait. Those that run share the model evenly, whatever their priority.</summary>
public enum RequestPriority
{
    /// <summary>After the others.</summary>
    Low,

    /// <summary>In order of arrival, evenly among users.</summary>
    Normal,

    /// <summary>Before the others.</summary>
    High,
}
