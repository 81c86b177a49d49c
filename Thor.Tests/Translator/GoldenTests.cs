using System.Runtime.CompilerServices;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>
/// Kernels in Golden/*.cs and the texts that they become, Golden/*.cl and *.cu. To write the texts anew after a change of the translator,
/// run these tests with THOR_WRITE_GOLDEN=1 and look at the difference.
/// </summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("Activation")]
    [InlineData("Product")]
    [InlineData("Histogram")]
    [InlineData("TensorCore")]
    public void Print_GoldenKernel_TextsAsExpected(string name)
    {
        KernelSource source = Source(name);
        Compare(name + ".cl", source.OpenCL);
        Compare(name + ".cu", source.Cuda);
    }

    [Theory]
    [InlineData("Activation", 3)]
    [InlineData("Product", 16)]
    [InlineData("Histogram")]
    [InlineData("TensorCore")]
    public void Print_GoldenKernel_CudaCompiles(string name, params int[] values)
    {
        ClangCompiler? clang = ClangCompiler.Find();
        Assert.SkipWhen(clang is null, $"{ClangCompiler.Command} is not on PATH");
        PtxText? ptx = clang!.Compile(Source(name), values, out string log);
        Assert.True(ptx is not null, log);
        Assert.Equal(0, ptx!.LocalBytes);
    }

    [Fact]
    public void Print_InAnyCulture_SameTexts()
    {
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        string expected = Source("Activation").Cuda;
        try
        {
            // The build is culture-invariant; a culture made by hand still has its own signs.
            System.Globalization.CultureInfo german = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            german.NumberFormat.NumberDecimalSeparator = ",";
            german.NumberFormat.NegativeSign = "~";
            System.Globalization.CultureInfo.CurrentCulture = german;
            Assert.Equal("0,5", 0.5.ToString(System.Globalization.CultureInfo.CurrentCulture));
            Assert.Equal(expected, Source("Activation").Cuda);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    private static KernelSource Source(string name) => Translation.Of(File.ReadAllText(Path.Combine(Folder, name + ".cs"))).Kernel();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Translator", "Golden");

    private static void Compare(string file, string? text, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("THOR_WRITE_GOLDEN") == "1")
        {
            string path = Path.Combine(Path.GetDirectoryName(caller)!, "Golden", file);
            if (text is null)
            {
                File.Delete(path);
            }
            else
            {
                File.WriteAllText(path, text);
            }

            return;
        }

        string golden = Path.Combine(Folder, file);
        Assert.Equal(File.Exists(golden) ? File.ReadAllText(golden).Replace("\r", string.Empty, StringComparison.Ordinal) : null, text);
    }
}
