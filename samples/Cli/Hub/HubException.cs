namespace RwkvSk.Cli.Hub;

/// <summary>The hub does not answer, refuses, or says something that cannot be trusted.</summary>
internal sealed class HubException(string message, Exception? inner = null) : IOException(message, inner);
