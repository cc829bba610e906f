namespace RwkvSk.TestKit;

/// <summary>Numbers that should agree do not.</summary>
internal sealed class ToleranceException(string message) : Exception(message);
