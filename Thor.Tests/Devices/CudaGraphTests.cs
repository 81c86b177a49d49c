using System.Text;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Dialect;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Recording and replay, on <see cref="FakeCuda"/>: nothing of a recording is done before the graph is launched.</summary>
[Collection(FakeCudaCollection.Name)]
public sealed class CudaGraphTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CudaDriver _driver = FakeCuda.Start();
    private readonly CudaAccelerator _accelerator;

    public CudaGraphTests()
    {
        PtxStore ptx = new([], static name => new MemoryStream(Encoding.UTF8.GetBytes(FakeKernel.Parameters + ".target sm_90\nFake_Kernel")));
        _accelerator = CudaDevices.Open(_driver, 0, ptx, static () => (null, "nowhere"), new ProgramCache(_folder.Path), null);
    }

    private AcceleratorStream Stream => _accelerator.Stream;

    public void Dispose()
    {
        _accelerator.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Capture_Work_RunsOnceAndOnceMorePerLaunch()
    {
        using MemoryBuffer source = _accelerator.Allocate(4);
        using MemoryBuffer target = _accelerator.Allocate(4);
        using PinnedMemory pinned = _accelerator.AllocatePinned(4);
        pinned.Span[0] = 1;
        using AcceleratorGraph graph = Assert.IsType<CudaGraph>(Stream.Capture(() =>
        {
            Stream.Upload(pinned, 0, source, 0, 4);
            Launch();
            Launch();
            Stream.Copy(source, 0, target, 0, 4);
            Assert.Empty(FakeCuda.Launches);
        }));
        Assert.Equal(2, FakeCuda.Launches.Count);
        Assert.Equal(2, _accelerator.Statistics.Launches);
        Assert.Equal(1, Read(target));

        pinned.Span[0] = 9;
        graph.Launch();
        Assert.Equal(4, FakeCuda.Launches.Count);
        Assert.Equal(4, _accelerator.Statistics.Launches);
        Assert.Equal(9, Read(target));
    }

    [Fact]
    public void Capture_MemoryGivenBackMeanwhile_ServesTheRecordingAndStaysWithIt()
    {
        long before = _accelerator.Statistics.InUseBytes;
        nint first = 0;
        nint second = 0;
        AcceleratorGraph graph = Assert.IsType<CudaGraph>(Stream.Capture(() =>
        {
            first = Temporary(1000);
            second = Temporary(1000);
        }));
        Assert.Equal(first, second);

        // A replay writes the block, so nobody else may have it before the graph is gone.
        using (MemoryBuffer other = _accelerator.Allocate(1000))
        {
            Assert.NotEqual(first, ((CudaBuffer)other).Address);
        }

        graph.Dispose();
        Assert.Equal(before, _accelerator.Statistics.InUseBytes);
        using MemoryBuffer later = _accelerator.Allocate(1000);
        using MemoryBuffer last = _accelerator.Allocate(1000);
        Assert.Contains(first, (nint[])[((CudaBuffer)later).Address, ((CudaBuffer)last).Address]);
    }

    [Fact]
    public void Capture_AnotherThreadAllocatesMeanwhile_GetsNoMemoryOfTheRecording()
    {
        nint recorded = 0;
        nint elsewhere = 0;
        using AcceleratorGraph graph = Assert.IsType<CudaGraph>(Stream.Capture(() =>
        {
            recorded = Temporary(1000);
            Thread thread = new(() =>
            {
                using MemoryBuffer buffer = _accelerator.Allocate(1000);
                elsewhere = ((CudaBuffer)buffer).Address;
            });
            thread.Start();
            thread.Join();
        }));
        Assert.NotEqual(recorded, elsewhere);
    }

    [Fact]
    public void Capture_WorkThatCannotBeReplayed_IsRefusedAndTheStreamGoesOn()
    {
        using MemoryBuffer buffer = _accelerator.Allocate(4);
        foreach ((Action work, string word) in ((Action, string)[])
            [
                (() => Stream.Upload([1], buffer, 0), "upload from pinned memory"),
                (() => Read(buffer), "read results after the replay"),
                (Stream.Synchronize, "wait after the replay"),
                (() => Stream.Capture(static () => { }), "end the one under way first"),
            ])
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Stream.Capture(work));
            Assert.Contains("cannot be part of a recording of cuda:0", error.Message);
            Assert.Contains(word, error.Message);
            Assert.Equal(0, Read(buffer));
        }
    }

    [Fact]
    public void Capture_ActionThatThrows_DropsTheRecordingAndItsMemory()
    {
        long before = _accelerator.Statistics.InUseBytes;
        Assert.Throws<FormatException>(() => Stream.Capture(() =>
        {
            Temporary(1000);
            Launch();
            throw new FormatException();
        }));
        Assert.Empty(FakeCuda.Launches);
        Assert.Equal(before, _accelerator.Statistics.InUseBytes);
        Assert.Contains("cuGraphDestroy", FakeCuda.Calls);
        Launch();
        Assert.Single(FakeCuda.Launches);
    }

    [Theory]
    [InlineData("cuStreamEndCapture")]
    [InlineData("cuGraphInstantiate")]
    public void Capture_DriverRefuses_SaysWhichCall(string call)
    {
        FakeCuda.Fail(call, CudaResult.NotSupported);
        Assert.Contains(call, Assert.Throws<DeviceException>(() => Stream.Capture(Launch)).Message);
        FakeCuda.Succeed(call);
        Launch();
        Assert.Single(FakeCuda.Launches);
    }

    [Fact]
    public void Capture_KernelThatWasNeverLaunched_IsCompiledUnderRelaxedRules()
    {
        using AcceleratorGraph graph = Assert.IsType<CudaGraph>(Stream.Capture(Launch));
        string[] calls = [.. FakeCuda.Calls];
        int load = Array.IndexOf(calls, "cuModuleLoadDataEx");
        Assert.Equal("cuThreadExchangeStreamCaptureMode", calls[load - 1]);
        Assert.Contains("cuThreadExchangeStreamCaptureMode", calls[load..]);
    }

    [Fact]
    public void Launch_DisposedGraph_IsRefused()
    {
        AcceleratorGraph graph = Assert.IsType<CudaGraph>(Stream.Capture(Launch));
        graph.Dispose();
        graph.Dispose();
        Assert.Throws<ObjectDisposedException>(graph.Launch);
        Assert.Equal(1, FakeCuda.Calls.Count(static call => call == "cuGraphExecDestroy"));
    }

    private void Launch() => Stream.Launch(new KernelConfig(1, 32), new FakeKernel(default, default, false, SpecializedValue.New(16), default, 0f));

    private nint Temporary(long bytes)
    {
        using MemoryBuffer buffer = _accelerator.Allocate(bytes);
        return ((CudaBuffer)buffer).Address;
    }

    private byte Read(MemoryBuffer buffer)
    {
        byte[] first = new byte[1];
        Stream.Download(buffer, 0, first);
        return first[0];
    }
}
