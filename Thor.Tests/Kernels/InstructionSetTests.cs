using System.Diagnostics;
using System.Runtime.Intrinsics;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>
/// Reruns every test marked <c>[Trait("Simd", "true")]</c> in a child process whose runtime may not use some of the
/// processor's instructions, so that the paths of lesser processors are tested on this one.
/// </summary>
public sealed class InstructionSetTests
{
    private const string WidestVariable = "THOR_TEST_WIDEST_VECTOR";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task SimdTests_WithoutInstructions_Pass(string knob, int widest)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        }

        foreach (string argument in (string[])["--filter-trait", "Simd=true", "--minimum-expected-tests", "2", "--no-ansi", "--no-progress"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[knob] = "0";
        start.Environment[WidestVariable] = Math.Min(widest, Widest()).ToString(System.Globalization.CultureInfo.InvariantCulture);
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(child.ExitCode == 0, $"{knob}=0: exit code {child.ExitCode}\n{await output}\n{await errors}");
    }

    [Fact]
    [Trait("Simd", "true")]
    public void Child_OfThisTest_LacksTheInstructions()
    {
        string? expected = Environment.GetEnvironmentVariable(WidestVariable);
        Assert.SkipWhen(expected is null, "Only the children of InstructionSetTests leave instructions out.");
        Assert.Equal(expected, Widest().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Bits of the widest vectors the runtime uses.</summary>
    private static int Widest() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}
