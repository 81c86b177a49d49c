using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Dialect;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Everything between the contract of accelerators and the driver's entry points, on <see cref="FakeCuda"/>.</summary>
[Collection(FakeCudaCollection.Name)]
public sealed class CudaAcceleratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CudaDriver _driver = FakeCuda.Start();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Discover_Device_TellsWhatItIs()
    {
        AcceleratorDescription found = Assert.Single(CudaDevices.Discover(_driver));
        Assert.Equal("cuda:0", found.Name);
        AcceleratorProperties properties = Assert.IsType<AcceleratorProperties>(found.Properties);
        Assert.Equal("Fake H100", properties.DeviceName);
        Assert.Equal("CUDA 13.0", properties.Driver);
        Assert.Equal(90, properties.ComputeCapability);
        Assert.Equal(227 << 10, properties.MaxSharedBytes);
        Assert.Equal(new Index3D(1024, 1024, 64), properties.MaxGroup);
        Assert.Equal(2 * 128 * 132 * 1.98, properties.PeakGigaflops, 1e-6);
        Assert.Equal(2 * 2.619 * 640, properties.PeakGigabytesPerSecond, 1e-6);
    }

    [Fact]
    public void Discover_NoDevice_GivesTheDriversAnswer()
    {
        FakeCuda.Fail("cuDeviceGetCount", CudaResult.NoDevice);
        AcceleratorDescription found = Assert.Single(CudaDevices.Discover(_driver));
        Assert.Equal("cuda", found.Name);
        Assert.Contains("CUDA_ERROR_NODEVICE (100, words of the driver)", found.Reason);
    }

    [Fact]
    public void Open_IndexBeyondTheDevices_SaysHowManyThereAre()
    {
        DeviceException error = Assert.Throws<DeviceException>(() => CudaDevices.Open(_driver, 1, Ptx(), Nowhere, Cache(), null));
        Assert.Contains("There is no cuda:1: libfake.so.1 (CUDA 13.0) lists 1 device.", error.Message);
    }

    [Fact]
    public void Start_DriverWithoutAnEntryPoint_IsToldApart()
    {
        (CudaDriver? driver, string reason) = CudaDriver.Start(
            static name => name == "cuLaunchKernel" ? throw new EntryPointNotFoundException(name) : FakeCuda.Export(name), "libold.so.1");
        Assert.Null(driver);
        Assert.StartsWith("libold.so.1 is older than CUDA 11.4: cuLaunchKernel", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_EveryKindOfArgument_ArrivesAsTheTextDeclaresIt()
    {
        using CudaAccelerator accelerator = Open();
        using MemoryBuffer<float> x = accelerator.Allocate([1f, 2f, 3f, 4f]);
        using MemoryBuffer<float> y = accelerator.Allocate<float>(64);
        accelerator.Stream.Launch(new KernelConfig(new Index3D(5, 4, 3), new Index3D(32, 2, 1), 100), Kernel(x.View.SubView(1), y.View));

        FakeLaunch launch = Assert.Single(FakeCuda.Launches);
        Assert.Equal([5u, 4u, 3u], launch.Grid);
        Assert.Equal([32u, 2u, 1u], launch.Group);
        Assert.Equal(100u, launch.SharedBytes);
        Assert.Equal(Address(x) + 4, BinaryPrimitives.ReadInt64LittleEndian(launch.Arguments[0]));
        Assert.Equal(Address(y), BinaryPrimitives.ReadInt64LittleEndian(launch.Arguments[1]));
        Assert.Equal(64, BinaryPrimitives.ReadInt64LittleEndian(launch.Arguments[2]));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(launch.Arguments[3]));
        Assert.Equal([0.5f, 0.25f], MemoryMarshal.Cast<byte, float>(launch.Arguments[4]).ToArray());
        Assert.Equal(7f, BinaryPrimitives.ReadSingleLittleEndian(launch.Arguments[5]));
        Assert.Equal(1, accelerator.Statistics.Launches);
        Assert.Equal(1, accelerator.Statistics.Uploads);
    }

    [Fact]
    public void Launch_Again_AllocatesNothingAndCompilesNothing()
    {
        using CudaAccelerator accelerator = Open();
        using MemoryBuffer<float> x = accelerator.Allocate<float>(8);
        FakeKernel kernel = Kernel(x.View, default);
        accelerator.Stream.Launch(new KernelConfig(1, 32), kernel);
        int modules = FakeCuda.Modules.Count;

        CudaArguments arguments = new(accelerator);
        CudaKernelVariants variants = accelerator.Variants(FakeKernel.Source);
        Bind(arguments, variants, kernel);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Bind(arguments, variants, kernel);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(modules, FakeCuda.Modules.Count);
        arguments.Dispose();
    }

    [Fact]
    public void Launch_EmptyViews_AreNullPointers()
    {
        using CudaAccelerator accelerator = Open();
        accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, default));
        FakeLaunch launch = Assert.Single(FakeCuda.Launches);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(launch.Arguments[0]));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(launch.Arguments[2]));
    }

    [Fact]
    public void Launch_ViewOfAnotherDevice_IsRefused()
    {
        using CudaAccelerator accelerator = Open();
        using CudaAccelerator other = Open();
        using Accelerator processor = Accelerator.Open("cpu");
        using MemoryBuffer<float> foreign = other.Allocate<float>(8);
        using MemoryBuffer<float> host = processor.Allocate<float>(8);
        ArgumentException twice = Assert.Throws<ArgumentException>(() => accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, foreign.View)));
        Assert.Contains("argument 1, from 0, is a view of memory of cuda:0, opened another time", twice.Message);
        ArgumentException mixed = Assert.Throws<ArgumentException>(() => accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(host.View, default)));
        Assert.Contains("launched on cuda:0: argument 0, from 0, is a view of memory of cpu", mixed.Message);
    }

    [Fact]
    public void Launch_DisposedBuffer_IsRefused()
    {
        using CudaAccelerator accelerator = Open();
        MemoryBuffer<float> x = accelerator.Allocate<float>(8);
        x.Dispose();
        ArgumentException disposed = Assert.Throws<ArgumentException>(() => accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(x.View, default)));
        Assert.Contains("a buffer that was disposed", disposed.Message);
    }

    [Fact]
    public void Launch_MoreThreadsThanRegistersAllow_SaysBothNumbers()
    {
        FakeCuda.MaxThreads = 256;
        using CudaAccelerator accelerator = Open();
        ArgumentException error = Assert.Throws<ArgumentException>(() => accelerator.Stream.Launch(new KernelConfig(1, 512), Kernel(default, default)));
        Assert.Contains("groups of 512 threads: with 128 registers a thread, 256 are the most", error.Message);
    }

    [Fact]
    public void Launch_SharedMemoryAboveTheDefault_OptsInOncePerSize()
    {
        FakeCuda.StaticSharedBytes = 16 << 10;
        using CudaAccelerator accelerator = Open();
        foreach (int bytes in (ReadOnlySpan<int>)[32 << 10, 40 << 10, 36 << 10, 100 << 10])
        {
            accelerator.Stream.Launch(new KernelConfig(1, 32, bytes), Kernel(default, default));
        }

        // Static and dynamic bytes count together: 32 KiB fit beside 16, 40 do not; 36 pass under the raised limit.
        Assert.Equal(
            [
                (CudaFunctionAttribute.MaxDynamicSharedBytes, 40 << 10), (CudaFunctionAttribute.PreferredSharedCarveout, 100),
                (CudaFunctionAttribute.MaxDynamicSharedBytes, 100 << 10), (CudaFunctionAttribute.PreferredSharedCarveout, 100),
            ],
            FakeCuda.FunctionAttributes);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => accelerator.Stream.Launch(new KernelConfig(1, 32, 220 << 10), Kernel(default, default)));
        Assert.Contains("225280 bytes of dynamic shared memory beside 16384 static ones: 232448 are the most", error.Message);
    }

    [Fact]
    public void Describe_Kernel_GivesWhatTheCodeNeeds()
    {
        using CudaAccelerator accelerator = Open();
        CudaKernelDescription description = accelerator.Describe(FakeKernel.Source, [16]);
        Assert.Equal(new CudaKernelDescription(128, 0, 16, 1024, "PTX for sm_90 (embedded)"), description);
    }

    [Fact]
    public void Copies_RoundTrip_KeepTheBytes()
    {
        FakeCuda.Capacity = 64 << 20;
        using CudaAccelerator accelerator = Open();

        // More than the staging ring holds, and no multiple of a slot.
        byte[] data = new byte[(9 << 20) + 13];
        new Random(1).NextBytes(data);
        using MemoryBuffer first = accelerator.Allocate(data.Length);
        using MemoryBuffer second = accelerator.Allocate(data.Length);
        accelerator.Stream.Upload(data.AsSpan(0, 5), first, 0);
        accelerator.Stream.Upload(data.AsSpan(5), first, 5);
        accelerator.Stream.Copy(first, 0, second, 0, data.Length);
        byte[] back = new byte[data.Length];
        accelerator.Stream.Download(second, 0, back);
        Assert.Equal(data, back);
        accelerator.Stream.Clear(second, 3, 4);
        accelerator.Stream.Download(second, 0, back);
        Assert.Equal([data[2], 0, 0, 0, 0, data[7]], back[2..8]);
        Assert.Equal(2, accelerator.Statistics.Downloads);
        Assert.Contains("cuEventSynchronize", FakeCuda.Calls);
    }

    [Fact]
    public void Upload_Pinned_ReachesItsPlace()
    {
        using CudaAccelerator accelerator = Open();
        using PinnedMemory pinned = accelerator.AllocatePinned(16);
        pinned.Span[9] = 42;
        using MemoryBuffer buffer = accelerator.Allocate(16);
        accelerator.Stream.Upload(pinned, 8, buffer, 4, 8);
        byte[] back = new byte[16];
        accelerator.Stream.Download(buffer, 0, back);
        Assert.Equal(42, back[5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => accelerator.Stream.Upload(pinned, 9, buffer, 0, 8));
    }

    [Fact]
    public void Copy_OverlappingRanges_IsRefused()
    {
        using CudaAccelerator accelerator = Open();
        using MemoryBuffer buffer = accelerator.Allocate(16);
        Assert.Throws<ArgumentException>(() => accelerator.Stream.Copy(buffer, 0, buffer, 4, 5));
        accelerator.Stream.Copy(buffer, 0, buffer, 4, 4);
    }

    [Fact]
    public void Allocate_MoreThanThereIs_SaysTheNumbersAndLeavesTheDeviceUsable()
    {
        using CudaAccelerator accelerator = Open();
        using MemoryBuffer held = accelerator.Allocate(512 << 10);
        accelerator.Allocate(256 << 10).Dispose();
        DeviceException error = Assert.Throws<DeviceException>(() => accelerator.Allocate(1 << 20));
        Assert.Contains("Out of memory on cuda:0 (Fake H100)", error.Message);
        Assert.Contains("1.0 MiB were asked for", error.Message);
        using MemoryBuffer small = accelerator.Allocate(256 << 10);
        accelerator.Stream.Clear(small, 0, 256 << 10);
    }

    [Fact]
    public void Dispose_AfterTheFinalizer_GivesTheBlockBackOnce()
    {
        using CudaAccelerator accelerator = Open();
        MemoryBuffer buffer = accelerator.Allocate(1000);
        typeof(CudaBuffer).GetMethod("Finalize", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.Invoke(buffer, []); // every finalizer has that name
        buffer.Dispose();
        using MemoryBuffer first = accelerator.Allocate(1000);
        using MemoryBuffer second = accelerator.Allocate(1000);
        Assert.NotEqual(((CudaBuffer)first).Address, ((CudaBuffer)second).Address);
    }

    [Fact]
    public void Fault_OfTheDevice_IsBlamedOnTheKernelAndEveryLaterCallSaysSo()
    {
        using CudaAccelerator accelerator = Open();
        accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, default));
        FakeCuda.Fail("cuStreamSynchronize", CudaResult.IllegalAddress);
        DeviceException error = Assert.Throws<DeviceException>(accelerator.Stream.Synchronize);
        Assert.Contains("cuStreamSynchronize failed on cuda:0 (Fake H100): CUDA_ERROR_ILLEGALADDRESS (700", error.Message);
        Assert.Contains("The kernel launched last was Fake_Kernel (Fake.cs:7)", error.Message);
        FakeCuda.Succeed("cuStreamSynchronize");
        foreach (Action call in (Action[])
            [
                accelerator.Stream.Synchronize, () => accelerator.Allocate(1), accelerator.Synchronize, accelerator.Trim,
                () => accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, default)), () => accelerator.CreateStream(),
            ])
        {
            Assert.Contains("was lost to this process before: cuStreamSynchronize failed", Assert.Throws<DeviceException>(call).Message);
        }
    }

    [Fact]
    public void Failure_ThatTheDeviceSurvives_LeavesItUsable()
    {
        using CudaAccelerator accelerator = Open();
        FakeCuda.Fail("cuLaunchKernel", CudaResult.LaunchOutOfResources);
        DeviceException error = Assert.Throws<DeviceException>(() => accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, default)));
        Assert.Contains("cuLaunchKernel of Fake_Kernel (128 registers, 0 bytes of static shared memory, at most 1024 threads)", error.Message);
        FakeCuda.Succeed("cuLaunchKernel");
        accelerator.Stream.Launch(new KernelConfig(1, 32), Kernel(default, default));
    }

    [Fact]
    public void Events_OfStreams_OrderAndMeasure()
    {
        using CudaAccelerator accelerator = Open();
        using AcceleratorStream second = accelerator.CreateStream();
        using AcceleratorEvent start = accelerator.Stream.RecordTimed();
        using AcceleratorEvent end = second.RecordTimed();
        using AcceleratorEvent untimed = second.Record();
        accelerator.Stream.WaitFor(end);
        Assert.Contains("cuStreamWaitEvent", FakeCuda.Calls);
        Assert.True(end.IsComplete);
        FakeCuda.Fail("cuEventQuery", CudaResult.NotReady);
        Assert.False(end.IsComplete);
        Assert.Equal(1, end.MillisecondsSince(start));
        Assert.Throws<InvalidOperationException>(() => untimed.MillisecondsSince(start));
        using CudaAccelerator other = Open();
        using AcceleratorEvent foreign = other.Stream.Record();
        Assert.Throws<ArgumentException>(() => accelerator.Stream.WaitFor(foreign));
        Assert.Throws<ArgumentException>(() => end.MillisecondsSince(foreign));
    }

    [Fact]
    public void Dispose_Accelerator_GivesEverythingBack()
    {
        CudaAccelerator accelerator = Open();
        MemoryBuffer kept = accelerator.Allocate(1000);
        accelerator.Allocate(2000).Dispose();
        accelerator.CreateStream();
        accelerator.Stream.Upload([1, 2, 3], kept, 0);
        accelerator.Compile(FakeKernel.Source, [16]);
        kept.Dispose();
        accelerator.Dispose();
        accelerator.Dispose();
        Assert.Equal(0u, FakeCuda.Allocated);
        Assert.Empty(FakeCuda.Modules);
        Assert.Equal(2, FakeCuda.Calls.Count(static call => call == "cuStreamDestroy"));
        Assert.Equal(1, FakeCuda.Calls.Count(static call => call == "cuDevicePrimaryCtxRelease"));
        Assert.Throws<ObjectDisposedException>(() => accelerator.Allocate(1));
    }

    [Fact]
    public void Enter_EveryThread_MakesTheContextCurrentOnce()
    {
        using CudaAccelerator accelerator = Open();
        int before = FakeCuda.Calls.Count(static call => call == "cuCtxSetCurrent");
        accelerator.Synchronize();
        Thread thread = new(() =>
        {
            accelerator.Synchronize();
            accelerator.Synchronize();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(before + 1, FakeCuda.Calls.Count(static call => call == "cuCtxSetCurrent"));
    }

    private static void Bind(CudaArguments arguments, CudaKernelVariants variants, in FakeKernel kernel)
    {
        arguments.Begin(FakeKernel.Source.Name, variants.TakesLength);
        kernel.Bind(arguments);
        variants.Get(arguments.Specialized).Prepare(new KernelConfig(1, 32));
    }

    private static FakeKernel Kernel(ArrayView<float> x, ArrayView<float> y) =>
        new(x, y, true, SpecializedValue.New(16), new FloatX2(0.5f, 0.25f), 7f);

    private static nint Address(MemoryBuffer<float> buffer) => ((CudaBuffer)buffer.Buffer).Address;

    private static (Nvrtc? Compiler, string Reason) Nowhere() => (null, "nvrtc was looked for nowhere");

    private static PtxStore Ptx() => new([], static name => name == PtxStore.ResourcePrefix + FakeKernel.Source.PtxName([16])
        ? new MemoryStream(Encoding.UTF8.GetBytes(FakeKernel.Parameters + ".target sm_90\n.entry Fake_Kernel"))
        : null);

    private ProgramCache Cache() => new(_folder.Path);

    private CudaAccelerator Open() => CudaDevices.Open(_driver, 0, Ptx(), Nowhere, Cache(), null);
}
