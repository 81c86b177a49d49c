using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Thor.Kernels.Translator;
using Thor.Kernels.Translator.Cpu;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Which barriers are found to be out of reach of some threads of a group, and which are not.</summary>
public sealed class BarrierCheckTests
{
    private const string Divergent = "THOR0065";
    private const string NotAStatement = "THOR0066";
    private const string Place = "THOR0070";
    private const string Shuffle = "THOR0071";

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path))];

    [Theory]
    [InlineData("Group.Barrier();")]
    [InlineData("if (n > 0) { Group.Barrier(); }")]
    [InlineData("if (Grid.IdxX > 0 && Group.DimX > 3) { Group.Barrier(); }")]
    [InlineData("if (s.Value > 2) { Group.Barrier(); } else { return; }")]
    [InlineData("if (x.Length > 2) { return; } Group.Barrier();")]
    [InlineData("for (int i = 0; i < n; i++) { Group.Barrier(); }")]
    [InlineData("for (int i = n; i > 0; i >>= 1) { if (Group.IdxX < i) { y[Group.IdxX] = 1f; } Group.Barrier(); }")]
    [InlineData("int i = 0; do { Group.Barrier(); i++; } while (i < n);")]
    [InlineData("while (n > 0) { n--; if (n == 5) { break; } if (n == 7) { continue; } Group.Barrier(); }")]
    [InlineData("switch (n) { case 1: Group.Barrier(); break; case 2: return; default: break; } Group.Barrier();")]
    [InlineData("if (Group.Uniform(x[0] > 0f)) { Group.Barrier(); }")]
    [InlineData("int k = Group.Uniform((int)x[0]); for (int i = 0; i < k; i++) { Group.Barrier(); }")]
    [InlineData("if (Group.IdxX == 0) { y[0] = 1f; } Group.Barrier();")]
    [InlineData("int k = Group.IdxX; k = 3; if (k > 2) { Group.Barrier(); }")]
    [InlineData("int k = 3; if (k > 2) { Group.Barrier(); } if (Group.IdxX == 0) { k = 4; }")]
    [InlineData("for (int i = Group.IdxX; i < n; i += Group.DimX) { y[i] = 0f; } Group.Barrier();")]
    [InlineData("for (int i = 0; i < n; i++) { Group.Barrier(); if (Group.IdxX == i) { continue; } y[i] = 1f; }")]
    [InlineData("for (int i = 0; i < n; i++) { for (int j = 0; j < n; j++) { if (Group.IdxX == j) { break; } } Group.Barrier(); }")]
    [InlineData("switch (Group.IdxX) { case 1: y[0] = 1f; break; default: y[1] = 1f; break; } Group.Barrier();")]
    [InlineData("if (n > 1) { if (Group.IdxX == 0) { return; } } else { Group.Barrier(); }")]
    [InlineData("Sync(); SyncIf(n); EarlyInside(Group.IdxX); Group.Barrier();")]
    [InlineData("int k = Twice(n); if (k > 3) { Group.Barrier(); }")]
    [InlineData("int k; Set(out k, n); if (k > 3) { Group.Barrier(); }")]
    [InlineData("Pair p = new Pair(1, n); if (p.A > p.B) { Group.Barrier(); }")]
    [InlineData("static void Here() { Group.Barrier(); } Here();")]
    [InlineData("float v = x[0]; v = Warp.ShuffleDown(v, 1); float w = Warp.Shuffle(v, 0);")]
    [InlineData("int v = 0; if (n > 1) { Vote(ref v, 1); }")]
    [InlineData("while (true) { n--; if (n < 0) { break; } Group.Barrier(); } Group.Barrier();")]
    public void Kernel_AllThreadsPassEveryBarrier_NothingIsFound(string body) => Assert.Empty(Faults(body));

    [Theory]
    [InlineData("if (Group.IdxX > 0) { Group.Barrier(); }", "Group.IdxX > 0", "Group.IdxX")]
    [InlineData("if (n > 0) { } else if (Group.IsFirstThread) { Group.Barrier(); }", "Group.IsFirstThread", "Group.IsFirstThread")]
    [InlineData("int i = Group.LinearIndex + n; bool mine = i < 8; if (mine) { Group.Barrier(); }", "mine", "Group.LinearIndex")]
    [InlineData("if (Grid.GlobalIndex.X >= n) { return; } Group.Barrier();", "Grid.GlobalIndex.X >= n", "Grid.GlobalIndex")]
    [InlineData("if (x[n] > 0f) { Group.Barrier(); }", "x[n] > 0f", "memory (x[n])")]
    [InlineData("int old = Atomic.Add(ref c[0], 1); if (old == 0) { Group.Barrier(); }", "old == 0", "Atomic.Add")]
    [InlineData("float v = x[0]; int w = Warp.Shuffle(n, 0); if (w > 0) { Group.Barrier(); }", "w > 0", "Warp.Shuffle")]
    [InlineData("if (Warp.LaneIdx < 4) { Group.Barrier(); }", "Warp.LaneIdx < 4", "Warp.LaneIdx")]
    [InlineData("for (int i = Group.IdxX; i < n; i += Group.DimX) { Group.Barrier(); }", "i < n", "Group.IdxX")]
    [InlineData("int i = 0; do { Group.Barrier(); i += Group.IdxX; } while (i < n);", "i < n", "Group.IdxX")]
    [InlineData("for (int i = 0; i < n; i++) { Group.Barrier(); if (Group.IdxX == i) { break; } }", "Group.IdxX == i", "Group.IdxX")]
    [InlineData("for (int i = 0; i < n; i++) { if (Group.IdxX == i) { continue; } Group.Barrier(); }", "Group.IdxX == i", "Group.IdxX")]
    [InlineData("for (int i = 0; i < n; i++) { Group.Barrier(); if (Group.IdxX == i) { return; } }", "Group.IdxX == i", "Group.IdxX")]
    [InlineData("int k = 0; while (true) { k++; if (k * Group.IdxX > n) { break; } } if (k > 3) { Group.Barrier(); }", "k > 3", "Group.IdxX")]
    [InlineData("int k = 0; if (Group.IdxX == 3) { k = 1; } if (k == 0) { Group.Barrier(); }", "k == 0", "Group.IdxX")]
    [InlineData("int k = 0; for (int i = 0; i < n; i++) { if (k > 0) { Group.Barrier(); } k = Group.IdxX; }", "k > 0", "Group.IdxX")]
    [InlineData("switch (Group.IdxX) { case 0: Group.Barrier(); break; }", "Group.IdxX", "Group.IdxX")]
    [InlineData("switch (n) { case 0: if (Group.IdxX > 2) { break; } Group.Barrier(); break; }", "Group.IdxX > 2", "Group.IdxX")]
    [InlineData("int k = Group.IdxX > 2 ? 1 : 0; if (k > 0) { Group.Barrier(); }", "k > 0", "Group.IdxX")]
    [InlineData("int k = Group.IdxX switch { 0 => 1, _ => 2 }; if (k > 1) { Group.Barrier(); }", "k > 1", "Group.IdxX")]
    [InlineData("if (n > 1) { if (Group.IdxX == 0) { return; } } Group.Barrier();", "Group.IdxX == 0", "Group.IdxX")]
    [InlineData("if (Group.IdxX == 0) { Sync(); }", "Group.IdxX == 0", "Group.IdxX")]
    [InlineData("SyncIf(Group.IdxX);", "count > 0", "Group.IdxX")]
    [InlineData("int k = Twice(Group.IdxY); if (k > 3) { Group.Barrier(); }", "k > 3", "Group.IdxY")]
    [InlineData("int k = First(x); if (k > 3) { Group.Barrier(); }", "k > 3", "memory (view[0])")]
    [InlineData("int k = Pick(n, Group.IdxX); if (k > 3) { Group.Barrier(); }", "k > 3", "Group.IdxX")]
    [InlineData("int k = 0; Set(out k, Group.IdxZ); if (k > 3) { Group.Barrier(); }", "k > 3", "Group.IdxZ")]
    [InlineData("int k = 0; Instruct(ref k); if (k > 3) { Group.Barrier(); }", "k > 3", "Instruct")]
    [InlineData("int k = Through<Chooser>(); if (k > 3) { Group.Barrier(); }", "k > 3", "Choose")]
    [InlineData("Pair p = new Pair(Group.IdxX, n); if (p.A > p.B) { Group.Barrier(); }", "p.A > p.B", "Group.IdxX")]
    [InlineData("Pair p = default; p.B = Group.IdxX; if (p.B > 0) { Group.Barrier(); }", "p.B > 0", "Group.IdxX")]
    [InlineData("int k = n; k += Group.IdxX; if (k > 0) { Group.Barrier(); }", "k > 0", "Group.IdxX")]
    [InlineData("static void Here() { Group.Barrier(); } if (Group.IdxX > 1) { Here(); }", "Group.IdxX > 1", "Group.IdxX")]
    [InlineData("float v = 0f; if (Group.IdxX > 1) { v = Warp.ShuffleDown(v, 1); }", "Group.IdxX > 1", "Group.IdxX")]
    [InlineData("int v = 0; if (Group.IdxX > 1) { Vote(ref v, 1); }", "Group.IdxX > 1", "Group.IdxX")]
    [InlineData("int v = 0; Vote(ref v, 1); if (v > 1) { Group.Barrier(); }", "v > 1", "Vote")]
    public void Barrier_ThreadsMayGoAnotherWay_IsFoundWithTheConditionAndItsCause(string body, string condition, string source)
    {
        (string id, string message) = Assert.Single(Faults(body));
        Assert.Equal(Divergent, id);
        Assert.Contains($"'{condition}'", message, StringComparison.Ordinal);
        Assert.Contains($"it depends on {source}.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Barrier_UnderAVaryingCondition_IsLocatedAtTheBarrier()
    {
        LinePosition first = Assert.Single(Diagnose("if (Group.IdxX > 0) { Group.Barrier(); }")).Location.GetLineSpan().StartLinePosition;
        Diagnostic fault = Assert.Single(Diagnose("if (Group.IdxX > 0)\n{\n    y[0] = 1f;\n  Group.Barrier();\n}"));
        Assert.Equal(new LinePosition(first.Line + 3, 2), fault.Location.GetLineSpan().StartLinePosition);
        Assert.Equal("Sample.cs", fault.Location.GetLineSpan().Path);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"(line {first.Line + 1})"), fault.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void Barrier_TwoKindsOfCallsOfOneHelper_OnlyTheVaryingOneIsAtFault()
    {
        Assert.Single(Faults("SyncIf(n); SyncIf(Group.IdxX);"));
        Assert.Single(Faults("SyncIf(Group.IdxX); SyncIf(Group.IdxY);"));
    }

    [Theory]
    [InlineData("int k = SyncAndReturn();", "returns a value")]
    [InlineData("int k = n; SyncByReference(ref k);", "has ref, in or out parameters")]
    [InlineData("Outside.Sync();", "is in a type that is not partial")]
    public void Barrier_InAHelperThatCannotPause_IsFound(string body, string why)
    {
        (string id, string message) = Assert.Single(Faults(body));
        Assert.Equal(Place, id);
        Assert.Contains("'Group.Barrier' stands in ", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("for (int i = 0; i < n; Group.Barrier()) { i++; }")]
    [InlineData("for (Sync(); n > 0; n--) { }")]
    [InlineData("int v = 0; for (Vote(ref v, 1); n > 0; n--) { }")]
    public void Barrier_InsideAStatement_IsFound(string body) => Assert.Equal(NotAStatement, Assert.Single(Faults(body)).Id);

    [Theory]
    [InlineData("float v = x[0] + Warp.ShuffleDown(1f, 1);")]
    [InlineData("y[0] = Warp.ShuffleDown(1f, 1);")]
    [InlineData("float v = 0f; v += Warp.ShuffleDown(1f, 1);")]
    [InlineData("int v = (int)Warp.ShuffleDown(1f, 1);")]
    [InlineData("Warp.ShuffleDown(1f, 1);")]
    [InlineData("float a = 1f, b = Warp.ShuffleDown(a, 1);")]
    [InlineData("if (Group.Uniform(Warp.Shuffle(n, 0)) > 0) { y[0] = 1f; }")]
    public void Shuffle_NotAloneOnTheRight_IsFound(string body) => Assert.Equal(Shuffle, Assert.Single(Faults(body)).Id);

    private static IEnumerable<(string Id, string Message)> Faults(string body) =>
        Diagnose(body).Select(static fault => (fault.Id, fault.GetMessage(CultureInfo.InvariantCulture)));

    private static IReadOnlyList<Diagnostic> Diagnose(string body)
    {
        string source = $$"""
            using Thor.Kernels;
            using Thor.Kernels.Dialect;

            public struct Pair
            {
                public int A;
                public int B;

                public Pair(int a, int b)
                {
                    A = a;
                    B = b;
                }
            }

            public interface IChooser
            {
                static abstract int Choose();
            }

            public struct Chooser : IChooser
            {
                public static int Choose() => Group.IdxX;
            }

            public static class Outside
            {
                public static void Sync() => Group.Barrier();
            }

            public static partial class Sample
            {
                [Kernel(MaxGroupSize = 64)]
                public static void Sampled(ReadOnlyView<float> x, ArrayView<float> y, ArrayView<int> c, int n, SpecializedValue<int> s)
                {
            {{body}}
                }

                [Ptx("vote.sync.ballot.b32 %0, %1, 0xffffffff;", NeedsWarp = true)]
                private static void Vote(ref int votes, int vote) => votes = vote;

                private static void Sync() => Group.Barrier();

                private static void SyncIf(int count)
                {
                    if (count > 0)
                    {
                        Group.Barrier();
                    }
                }

                private static void EarlyInside(int index)
                {
                    if (index > 3)
                    {
                        return;
                    }
                }

                private static int Through<T>() where T : IChooser => T.Choose();

                private static int Twice(int value) => 2 * value;

                private static int First(ReadOnlyView<float> view) => (int)view[0];

                private static int Pick(int value, int index)
                {
                    if (index > 3)
                    {
                        return 1;
                    }

                    return value;
                }

                private static void Set(out int target, int value) => target = value;

                [Ptx("mov.u32 %0, %laneid;")]
                private static void Instruct(ref int lane) => lane = 0;

                private static int SyncAndReturn()
                {
                    Group.Barrier();
                    return 1;
                }

                private static void SyncByReference(ref int value)
                {
                    Group.Barrier();
                    value++;
                }
            }
            """;
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, path: "Sample.cs", cancellationToken: TestContext.Current.CancellationToken);
        CSharpCompilation compilation = CSharpCompilation.Create("Sample", [tree], s_references);
        MethodDeclarationSyntax kernel = tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes().OfType<MethodDeclarationSyntax>()
            .Single(static method => method.Identifier.ValueText == "Sampled");
        IMethodSymbol symbol = compilation.GetSemanticModel(tree).GetDeclaredSymbol(kernel, TestContext.Current.CancellationToken)!;
        DiagnosticBag faults = new();
        BarrierChecks.Check(symbol, hasBarriers: true, compilation, faults, TestContext.Current.CancellationToken);
        return [.. faults.Items.Select(static fault => fault.ToDiagnostic())];
    }
}
