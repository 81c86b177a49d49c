using System.Globalization;
using System.Text.RegularExpressions;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>PTX, and what can be read off it before a driver has seen it.</summary>
public sealed partial record PtxText
{
    /// <summary>PTX as a compiler wrote it.</summary>
    public PtxText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        foreach (Match declaration in Registers().Matches(text))
        {
            int count = int.Parse(declaration.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            switch (declaration.Groups["width"].Value)
            {
                case "64":
                    Registers64 += count;
                    break;
                case "32" or "16":
                    Registers32 += count;
                    break;
                default:
                    Predicates += count;
                    break;
            }
        }

        foreach (Match depot in LocalMemory().Matches(text))
        {
            LocalBytes += int.Parse(depot.Groups["bytes"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        UnresolvedFunctions = [.. Externals().Matches(text).Select(static match => match.Groups["name"].Value).Distinct()];
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>32-bit registers that are declared. The driver gives several of them one place, so a thread needs fewer.</summary>
    public int Registers32 { get; }

    /// <summary>64-bit registers that are declared; each takes the place of two.</summary>
    public int Registers64 { get; }

    /// <summary>One-bit registers that are declared.</summary>
    public int Predicates { get; }

    /// <summary>Bytes of a thread's arrays that could not be kept in registers, because they are indexed at run time. Spills come on top.</summary>
    public int LocalBytes { get; }

    /// <summary>Functions that a library would have to bring; the driver loads no text that has any.</summary>
    public IReadOnlyList<string> UnresolvedFunctions { get; }

    [GeneratedRegex(@"^\s*\.reg \.(pred|[a-z](?<width>\d+))\s+%\w+<(?<count>\d+)>;", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Registers();

    [GeneratedRegex(@"^\s*\.local \.align \d+ \.b8\s+\w+\[(?<bytes>\d+)\];", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex LocalMemory();

    [GeneratedRegex(@"^\s*\.extern \.func\s+(\([^)]*\)\s*)?(?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Externals();
}
