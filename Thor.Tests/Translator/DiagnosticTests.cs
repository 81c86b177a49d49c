using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Thor.Kernels.Translator;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>Each fault has its id and its place, says what to write instead, and suppresses the kernel's output.</summary>
public sealed class DiagnosticTests
{
    /// <summary>Id, place (the text that is marked), parameters, body, members beside the kernel.</summary>
    public static TheoryData<string, string, string, string, string> Bodies => new()
    {
        { "THOR0005", "string name", "string name", "", "" },
        { "THOR0005", "FloatX4 four", "FloatX4 four", "", "" },
        { "THOR0005", "(int A, int B) pair", "(int A, int B) pair", "", "" },
        { "THOR0006", "ref int value", "ref int value", "value = 1;", "" },
        { "THOR0006", "params int[] values", "params int[] values", "", "" },
        { "THOR0012", "S s", "S s", "", "public struct S { public int A; public bool B; }" },
        { "THOR0012", "S s", "S s", "", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] public struct S { [System.Runtime.InteropServices.FieldOffset(0)] public int A; }" },
        { "THOR0012", "S s", "S s", "", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] public struct S { public int A; }" },
        { "THOR0012", "S s", "S s", "", "public struct S { public FloatX4 A; }" },
        { "THOR0012", "S s", "S s", "", "public struct S { }" },
        { "THOR0013", "[Ptx(\"\")]*", "ArrayView<float> y", "P(LocalMemory());", "static byte LocalMemory() => 1; [Ptx(\"\")] static void P(byte x) { }" },
        { "THOR0013", "[Ptx(\"\", NeedsWarp*", "ArrayView<float> y", "P(y[0]);", "[Ptx(\"\", NeedsWarp = true)] static void P(float x) { }" },
        { "THOR0013", "[Ptx(\"\", NeedsWarp*", "ArrayView<int> y", "y[0] = P(1);", "[Ptx(\"\", NeedsWarp = true)] static int P(int x) => x;" },
        { "THOR0014", "Row(y)", "ArrayView<float> y", "ArrayView<float> r = Row(y);", "static ArrayView<float> Row(ArrayView<float> y) => y;" },
        { "THOR0014", "Swap(ref y)", "ArrayView<float> y", "Swap(ref y);", "static void Swap(ref ArrayView<float> y) { }" },
        { "THOR0015", "ArrayView<bool> y", "ArrayView<bool> y", "", "" },
        { "THOR0015", "SharedMemory.Allocate<double>(4)", "ArrayView<float> y", "ArrayView<double> d = SharedMemory.Allocate<double>(4);", "" },
        { "THOR0020", "try*", "ArrayView<int> y", "try { y[0] = 1; } finally { y[0] = 2; }", "" },
        { "THOR0020", "lock*", "ArrayView<int> y", "lock (\"a\") { }", "" },
        { "THOR0021", "throw*", "ArrayView<int> y", "throw new Exception();", "" },
        { "THOR0021", "throw*", "ArrayView<int> y", "y[0] = y[1] > 0 ? 1 : throw new Exception();", "" },
        { "THOR0022", "f = x => x", "ArrayView<int> y", "Func<int, int> f = x => x;", "" },
        { "THOR0023", "foreach*", "ArrayView<int> y", "foreach (int i in new int[3]) { y[i] = 1; }", "" },
        { "THOR0024", "text = \"a\"", "ArrayView<int> y", "const string text = \"a\";", "" },
        { "THOR0024", "c = 'a'", "ArrayView<int> y", "char c = 'a';", "" },
        { "THOR0025", "new object()", "ArrayView<int> y", "_ = new object();", "" },
        { "THOR0026", "o = 1", "ArrayView<int> y", "object o = 1;", "" },
        { "THOR0026", "a = new int[3]", "ArrayView<int> y", "int[] a = new int[3];", "" },
        { "THOR0027", "await*", "ArrayView<int> y", "Help();", "static async void Help() { await System.Threading.Tasks.Task.Yield(); }" },
        { "THOR0028", "Down(n - 1)", "ArrayView<int> y", "y[0] = Down(3);", "static int Down(int n) => n == 0 ? 0 : Down(n - 1);" },
        { "THOR0028", "Run(y)", "ArrayView<int> y", "Run(y);", "" },
        { "THOR0029", "s.Twice()", "ArrayView<int> y, S s", "y[0] = s.Twice();", "public struct S { public int A; public readonly int Twice() => 2 * A; }" },
        { "THOR0043", "Environment.TickCount", "ArrayView<int> y", "y[0] = Environment.TickCount;", "" },
        { "THOR0030", "HashCode.Combine(y[0], 1)", "ArrayView<int> y", "y[0] = HashCode.Combine(y[0], 1);", "" },
        { "THOR0031", "i++", "ArrayView<int> y", "int i = 0; y[i++] = 1;", "" },
        { "THOR0031", "b = 2", "ArrayView<int> y", "int b; int a = b = 2; y[0] = a + b;", "" },
        { "THOR0031", "y[0] + Next(y)", "ArrayView<int> y", "int a = y[0] + Next(y); y[1] = a;", "static int Next(ArrayView<int> y) { y[0] += 1; return y[0]; }" },
        { "THOR0032", "goto end;", "ArrayView<int> y", "goto end; end: y[0] = 1;", "" },
        { "THOR0033", "> 3 and < 5", "ArrayView<int> y", "switch (y[0]) { case > 3 and < 5: break; }", "" },
        { "THOR0033", "case 1 when y[1] > 0:", "ArrayView<int> y", "switch (y[0]) { case 1 when y[1] > 0: break; }", "" },
        { "THOR0033", "y[0]", "ArrayView<float> y", "switch (y[0]) { case 1f: y[1] = 2f; break; }", "" },
        { "THOR0030", "byte.LeadingZeroCount(3)", "ArrayView<int> y", "y[0] = byte.LeadingZeroCount(3);", "" },
        { "THOR0071", "Warp.Shuffle(i, 1)", "ArrayView<int> y", "for (int i = 0; i < 3; i = Warp.Shuffle(i, 1)) { y[0] = 1; }", "" },
        { "THOR0034", "y[0] + 1", "ArrayView<int> y", "y[1] = checked(y[0] + 1);", "" },
        { "THOR0034", "(byte)y[0]", "ArrayView<int> y", "checked { y[1] = (byte)y[0]; }", "" },
        { "THOR0035", "Counter", "ArrayView<int> y", "y[0] = Counter;", "static readonly int Counter = 3;" },
        { "THOR0036", "h = default", "ArrayView<int> y", "nint h = default;", "" },
        { "THOR0037", "(y[0], y[1]) = (1, 2)", "ArrayView<int> y", "(y[0], y[1]) = (1, 2);", "" },
        { "THOR0037", "t = (1, 2)", "ArrayView<int> y", "(int, int) t = (1, 2);", "" },
        { "THOR0038", "a = ref y[0]", "ArrayView<int> y", "ref int a = ref y[0]; a = 1;", "" },
        { "THOR0039", "y[0] switch { 1 => 2, 2 => 3 }", "ArrayView<int> y", "y[1] = y[0] switch { 1 => 2, 2 => 3 };", "" },
        { "THOR0025", "stackalloc int[3]", "ArrayView<int> y", "y[0] = stackalloc int[3].Length;", "" },
        { "THOR0039", "y[0]", "ArrayView<int> y, int n", "if (n > 0 && y[0] is 1 or 2) { y[1] = 3; }", "" },
        { "THOR0040", "n = null", "ArrayView<int> y", "int? n = null;", "" },
        { "THOR0041", "SharedMemory.GetDynamic<int>().IntLength", "ArrayView<int> y", "y[0] = SharedMemory.GetDynamic<int>().IntLength;", "" },
        { "THOR0041", "a", "ArrayView<int> y", "switch (y[0]) { case 1: int a = 3; y[1] = a; break; default: a = 4; y[2] = a; break; }", "" },
        { "THOR0043", "Three", "ArrayView<int> y", "y[0] = Three;", "static int Three => 3;" },
        { "THOR0044", "int Twice(int x)*", "ArrayView<int> y", "int Twice(int x) => 2 * x; y[0] = Twice(1);", "" },
        { "THOR0060", "n", "ArrayView<int> y, int n", "ArrayView<int> s = SharedMemory.Allocate<int>(n);", "" },
        { "THOR0060", "0", "ArrayView<int> y", "ArrayView<int> s = LocalMemory.Allocate<int>(0);", "" },
        { "THOR0061", "SharedMemory.Allocate<int>(4)", "ArrayView<int> y, int n", "if (n > 0) { ArrayView<int> s = SharedMemory.Allocate<int>(4); }", "" },
        { "THOR0061", "SharedMemory.Allocate<int>(4)", "ArrayView<int> y", "Help(y);", "static void Help(ArrayView<int> y) { ArrayView<int> s = SharedMemory.Allocate<int>(4); y[0] = s[0]; }" },
        { "THOR0061", "SharedMemory.GetDynamic<int>()", "ArrayView<int> y", "Help(y);", "static void Help(ArrayView<int> y) { ArrayView<int> s = SharedMemory.GetDynamic<int>(); y[0] = s[0]; }" },
        { "THOR0061", "LocalMemory.Allocate<int>(4)", "ArrayView<int> y", "y[0] = LocalMemory.Allocate<int>(4)[0];", "" },
        { "THOR0062", "SharedMemory.Allocate<int>(8192)", "ArrayView<int> y", "ArrayView<int> a = SharedMemory.Allocate<int>(8192); ArrayView<int> b = SharedMemory.Allocate<int>(8192);", "" },
        { "THOR0063", "z = y.SubView(1)", "ArrayView<int> y", "ArrayView<int> z = y; z = y.SubView(1);", "" },
        { "THOR0063", "z", "ArrayView<int> y", "ArrayView<int> z;", "" },
        { "THOR0064", "n > 0 ? y : s", "ArrayView<int> y, int n", "ArrayView<int> s = SharedMemory.Allocate<int>(4); ArrayView<int> z = n > 0 ? y : s;", "" },
        { "THOR0070", "Group.Barrier()", "ArrayView<int> y", "y[0] = Wait();", "static int Wait() { Group.Barrier(); return 1; }" },
        { "THOR0071", "Warp.ShuffleDown(y[0], 1)", "ArrayView<int> y", "y[0] = 1 + Warp.ShuffleDown(y[0], 1);", "" },
        { "THOR0073", "n", "ArrayView<int> y", "int n = 0; Atomic.Add(ref n, 1);", "" },
        { "THOR0074", "v.X", "ArrayView<float> y", "FloatX4 v = default; Set(out v.X); y[0] = v.X;", "static void Set(out float x) => x = 1f;" },
        { "THOR0080", "y[1]", "ArrayView<float> y", "y[0] = (float)(y[1] * 2.0);", "" },
        { "THOR0080", "d = y[0]", "ArrayView<float> y", "double d = y[0];", "" },
        { "THOR0080", "Math.Sqrt(y[0])", "ArrayView<float> y", "y[0] = (float)Math.Sqrt(y[0]);", "" },
    };

    /// <summary>Id, place, and a whole file.</summary>
    public static TheoryData<string, string, string> Files => new()
    {
        { "THOR0001", "Run", "public partial class K { [Kernel] public void Run(ArrayView<int> y) { } }" },
        { "THOR0002", "Run", "public static class K { [Kernel] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0002", "Run", "public partial class K { [Kernel] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0002", "Run", "public static class O { public static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } } }" },
        { "THOR0003", "Run", "public static partial class K { [Kernel] public static void Run<T>(ArrayView<int> y) { } }" },
        { "THOR0003", "Run", "public static partial class K<T> { [Kernel] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0004", "int", "public static partial class K { [Kernel] public static int Run(ArrayView<int> y) => 1; }" },
        { "THOR0007", "Run", "public static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } public struct RunKernel { } }" },
        { "THOR0007", "Run", "public static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } [Kernel] public static void Run(ArrayView<float> y) { } }" },
        { "THOR0008", "Run", "public static partial class O { private static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } } }" },
        { "THOR0009", "Run", "public static partial class K { [Kernel] public static async void Run(ArrayView<int> y) { await System.Threading.Tasks.Task.Yield(); } }" },
        { "THOR0009", "Run", "public static partial class K { [Kernel] public static extern void Run(ArrayView<int> y); }" },
        { "THOR0010", "Run", "public static partial class K { [Kernel(MaxGroupSize = 2000)] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0010", "Run", "public static partial class K { [Kernel(MinGroupsPerMultiprocessor = 2)] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0011", "Run", "public static partial class K { [Kernel] [KernelVariants(1, 2)] public static void Run(ArrayView<int> y, SpecializedValue<int> n) { } }" },
        { "THOR0007", "Run", "public static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } [Kernel] public static void RUN(ArrayView<int> y) { } }" },
        { "THOR0008", "Run", "file static partial class K { [Kernel] public static void Run(ArrayView<int> y) { } }" },
        { "THOR0072", "Warp.ShuffleXor(y[0], 1)", "public static partial class K { [Kernel] public static void Run(ArrayView<int> y) { int x = Warp.ShuffleXor(y[0], 1); y[0] = x; } }" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public void Translate_FaultInABody_IsSaidWhereItIs(string id, string place, string parameters, string body, string members) =>
        Check(Translation.OfKernel(parameters, body, members), id, place);

    [Theory, MemberData(nameof(Files))]
    public void Translate_FaultInADeclaration_IsSaidWhereItIs(string id, string place, string file) =>
        Check(Translation.Of(Translation.Head + file), id, place);

    [Fact]
    public void Rules_All_HaveATest()
    {
        // 65 and 66 are tested with the flow of barriers; 90 is the translator's own failure.
        string[] elsewhere = ["THOR0065", "THOR0066", "THOR0090"];
        IEnumerable<string> tested = Bodies.Select(row => row.Data.Item1).Concat(Files.Select(row => row.Data.Item1)).Concat(elsewhere).Distinct();
        Assert.Equal(Rules.All.Select(r => r.Id), tested.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rules_All_StandInTheReleaseFiles()
    {
        string[] lines = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Translator"), "AnalyzerReleases.*.md").SelectMany(File.ReadAllLines)];
        Assert.All(Rules.All, rule => Assert.Contains($"{rule.Id} | {rule.Category} | {rule.DefaultSeverity} | {rule.Title}", lines));
        Assert.Equal(Rules.All.Count(), lines.Count(line => line.StartsWith("THOR", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rules_All_SayWhatToDo()
    {
        Assert.All(Rules.All, rule =>
        {
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
            Assert.Matches(@"^THOR00\d\d$", rule.Id);
            Assert.Matches(@"\.( |$)", rule.MessageFormat.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    [Fact]
    public void Translate_OneFaultyKernel_LeavesTheOthers()
    {
        Translation translation = Translation.Of(Translation.Head + """
            public static partial class K
            {
                [Kernel]
                public static void Bad(ArrayView<float> y)
                {
                    y[0] = 1f;
                    throw new Exception();
                }

                [Kernel]
                public static void Good(ArrayView<float> y) => y[0] = 1f;
            }
            """);
        Assert.Equal(["THOR0021"], translation.Diagnostics.Select(d => d.Id));
        Assert.Empty(translation.Errors);
        Assert.Contains(translation.Result.GeneratedTrees, tree => tree.FilePath.EndsWith("K.Good.g.cs", StringComparison.Ordinal));
        Assert.DoesNotContain(translation.Result.GeneratedTrees, tree => tree.FilePath.EndsWith("K.Bad.g.cs", StringComparison.Ordinal));
    }

    private static void Check(Translation translation, string id, string place)
    {
        Diagnostic? diagnostic = translation.Diagnostics.FirstOrDefault(d => d.Id == id);
        Assert.True(diagnostic is not null, $"{id} was expected, not: {string.Join("; ", translation.Diagnostics.Concat(translation.Errors))}");
        FileLinePositionSpan lines = diagnostic.Location.GetLineSpan();
        SyntaxTree tree = Assert.Single(translation.Compilation.SyntaxTrees, t => t.FilePath == lines.Path);
        string marked = tree.GetText(TestContext.Current.CancellationToken).ToString(diagnostic.Location.SourceSpan);
        Assert.Matches("^" + Regex.Escape(place).Replace("\\*", ".*", StringComparison.Ordinal) + "$", marked.Replace('\n', ' '));
        Assert.DoesNotContain(translation.Result.GeneratedTrees, t => t.FilePath.EndsWith("K.Run.g.cs", StringComparison.Ordinal));
    }
}
