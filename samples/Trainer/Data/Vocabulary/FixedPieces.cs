namespace RwkvSk.Trainer.Data;

/// <summary>Pieces that the prompt format itself asks for, whatever the words.</summary>
internal static class FixedPieces
{
    public static readonly IReadOnlyList<string> All =
    [
        // Turns and the tools block.
        "\n\n", "User:", "Assistant:", "System:", "Tools:", "\n- ", "):", "?:", "()", " \"", "\" | \"",

        // A call. Only its fences mix a line break with other signs, and they never vary.
        " ```json\n", "{\"name\":\"", "\",\"arguments\":{\"", "\",\"arguments\":{}}\n```", "\"}}\n```", "}}\n```", "\"]}}\n```", "]}}\n```",

        // Inside its arguments and in results.
        "\":\"", "\":", "\",\"", ",\"", "{\"", "\"}", "[\"", "\"]", "\":[\"", "\":{\"",
        "'s",
    ];
}
