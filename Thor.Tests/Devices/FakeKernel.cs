using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Devices;

/// <summary>A kernel as the translator would write it: two views of which the second's length is read, a bool, a specialised value, a structure, a number.</summary>
internal readonly struct FakeKernel(ReadOnlyView<float> x, ArrayView<float> y, bool flag, SpecializedValue<int> tile, FloatX2 pair, float scale) : IKernel
{
    /// <summary>Parameters as <see cref="FakeCuda"/> reads them.</summary>
    public const string Parameters = "// params 8,8,8,4,8,4\n";

    private static readonly KernelSource s_source = new()
    {
        Name = "Fake_Kernel",
        OpenCL = null,
        Cuda = "__global__ void Fake_Kernel",
        Specialized = ["thor_tile"],
        Variants = [[16]],
        MaxGroupSize = 512,
        TakesLength = [false, true, false, false, false, false],
        Location = "Fake.cs:7",
    };

    public static KernelSource Source => s_source;

    public void Bind(KernelArguments arguments)
    {
        arguments.Add(x);
        arguments.Add(y);
        arguments.Add(flag);
        arguments.Add(tile);
        arguments.Add(pair);
        arguments.Add(scale);
    }

    public void Run() => throw new NotSupportedException();

    public IEnumerator<int> Steps() => throw new NotSupportedException();
}
