using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Thor.Kernels.Translator.Printing;

/// <summary>Prints the list of an assembly's kernels.</summary>
internal static class CatalogPrinter
{
    public static string Print(string assembly, IEnumerable<string> launchers)
    {
        SourceWriter writer = new();
        DescriptorPrinter.PrintHead(writer);
        writer.Line($"namespace {Namespace(assembly)};");
        writer.Line();
        writer.Line("/// <summary>The kernels of this assembly.</summary>");
        writer.Line("public static class KernelCatalog");
        writer.Open();
        writer.Line("/// <summary>Names, texts and needs of all kernels, in the order of their names.</summary>");
        writer.Line("public static global::System.Collections.Generic.IReadOnlyList<global::Thor.Kernels.Accelerators.KernelSource> All { get; } =");
        writer.Line("[");
        writer.Indent();
        foreach (string launcher in launchers)
        {
            writer.Line($"Of<{launcher}>(),");
        }

        writer.Outdent();
        writer.Line("];");
        writer.Line();
        writer.Line("private static global::Thor.Kernels.Accelerators.KernelSource Of<T>()");
        writer.Line("    where T : struct, global::Thor.Kernels.Accelerators.IKernel => T.Source;");
        writer.Close();
        return writer.ToString();
    }

    // Assembly names may hold what namespaces may not.
    private static string Namespace(string assembly) => string.Join(".", assembly.Split('.').Where(part => part.Length > 0).Select(Identifier));

    private static string Identifier(string part)
    {
        StringBuilder text = new();
        foreach (char c in part)
        {
            text.Append(char.IsLetterOrDigit(c) ? c : '_');
        }

        return char.IsDigit(text[0]) ? "_" + text : "@" + text;
    }
}
