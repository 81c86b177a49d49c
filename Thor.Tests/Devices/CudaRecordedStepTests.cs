using System.Text;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Models;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>
/// Training steps as a CUDA device gets them, on <see cref="FakeCuda"/> with the engine's kernels as clang compiles them: every launch passes the
/// parameters that the PTX declares, and a step can be recorded, which a hidden copy from or to the host would prevent.
/// </summary>
[Collection(FakeCudaCollection.Name)]
public sealed class CudaRecordedStepTests : IDisposable
{
    private static int s_device = 90;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mlp")]
    [InlineData("lenet")]
    [InlineData("resnet20")]
    [InlineData("autoencoder")]
    [InlineData("encoder")]
    public void Run_Model_IsRecordedAndReplayedWithoutTheHost(string model)
    {
        ClangCompiler? clang = ClangCompiler.Find();
        Assert.SkipWhen(clang is null, ClangCompiler.Command + " is not on PATH (Debian: apt install clang-16)");
        CudaDriver driver = FakeCuda.Start();
        FakeCuda.Capacity = (nuint)4 << 30;
        PtxStore store = new([], name => Compile(clang!, name)); // skipped above
        using CudaAccelerator accelerator = CudaDevices.Open(driver, 0, store, static () => (null, "nowhere"), new ProgramCache(_folder.Path), null);
        Device device = Device.Parse($"cuda:{Interlocked.Increment(ref s_device)}");
        BackendRegistry.Add(new AcceleratorBackend(device, accelerator));

        using TensorScope scope = TensorScope.Begin();
        bool text = model == "encoder";
        DataDescription data = text ? new DataDescription(Vocabulary: 40, SequenceLength: 16) : new DataDescription(1, 28, 28, 10);
        Layer layer = ModelRegistry.Create(model, data, new RandomStream(1)).To(device);
        TrainingTask task = model == "autoencoder" ? new ReconstructionTask() : new ClassificationTask();
        using RecordedStep step = new(layer, task);
        using Batch batch = text
            ? new Batch(Tensor.Zeros([8, 16], DType.Int32, device), Tensor.Zeros([8, 16], DType.Int32, device))
            : new Batch(Tensor.Zeros([8, 1, 28, 28], DType.Float32, device), Tensor.Zeros([8], DType.Int32, device));

        long kernels = 0;
        for (int i = 0; i < 6; i++)
        {
            using TensorScope inner = TensorScope.Begin();
            foreach (Parameter parameter in layer.Parameters())
            {
                parameter.Gradient = null;
            }

            AcceleratorStatistics before = accelerator.Statistics;
            step.Run(batch);
            AcceleratorStatistics after = accelerator.Statistics;
            Assert.Equal(i >= 2, step.IsRecorded);
            Assert.All(layer.Parameters(), static parameter => Assert.NotNull(parameter.Gradient));
            if (i == 2)
            {
                // Recording runs the pass once: statistics that it keeps must not move twice.
                Assert.Equal(1, FakeCuda.Calls.Count(static call => call == "cuGraphLaunch"));
            }

            if (i > 2)
            {
                Assert.Equal(before.Uploads, after.Uploads);
                Assert.Equal(before.Downloads, after.Downloads);
                Assert.Equal(before.PoolMisses, after.PoolMisses);
                kernels = kernels == 0 ? after.Launches - before.Launches : kernels;
                Assert.Equal(kernels, after.Launches - before.Launches);
            }
        }

        Assert.InRange(kernels, 20, 2000);
    }

    private static MemoryStream Compile(ClangCompiler clang, string resource)
    {
        string name = resource[PtxStore.ResourcePrefix.Length..];
        foreach (KernelSource kernel in Thor.Kernels.KernelCatalog.All)
        {
            foreach (int[] values in PtxFolder.Variants(kernel))
            {
                if (kernel.PtxName(values) == name)
                {
                    PtxText? ptx = clang.Compile(kernel, values, out string log);
                    Assert.True(ptx is not null, log);
                    return new MemoryStream(Encoding.ASCII.GetBytes(ptx!.Text)); // asserted above
                }
            }
        }

        throw new InvalidOperationException($"{name} is no variant that is compiled ahead of time.");
    }
}
