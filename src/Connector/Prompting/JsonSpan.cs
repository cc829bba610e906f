namespace RwkvSk.Connector.Prompting;

/// <summary>Finds where a JSON object or array that is still being written ends.</summary>
internal static class JsonSpan
{
    /// <summary>How far a value has been written.</summary>
    internal enum Progress
    {
        /// <summary>More text may complete it.</summary>
        Open,

        /// <summary>The brackets are balanced.</summary>
        Balanced,

        /// <summary>The fence was closed before the brackets were.</summary>
        Broken,
    }

    /// <summary>Scans from the opening bracket at <paramref name="start"/>; <paramref name="end"/> is one past the value when it is balanced, or where the closing fence begins.</summary>
    public static Progress Scan(ReadOnlySpan<char> text, int start, out int end)
    {
        var depth = 0;
        var inString = false;
        for (end = start; end < text.Length; end++)
        {
            var c = text[end];
            if (c == '\n' && text[(end + 1)..].TrimStart().StartsWith(ToolCallFormat.CallClosing, StringComparison.Ordinal))
            {
                return Progress.Broken;   // a line end cannot stand inside a JSON string, so this fence closes the block
            }

            if (inString)
            {
                if (c == '\\')
                {
                    end++;
                }

                inString = c != '"';
                continue;
            }

            switch (c)
            {
                case '"':
                    inString = true;
                    break;
                case '{' or '[':
                    depth++;
                    break;
                case '}' or ']' when --depth == 0:
                    end++;
                    return Progress.Balanced;
            }
        }

        end = text.Length;
        return Progress.Open;
    }
}
