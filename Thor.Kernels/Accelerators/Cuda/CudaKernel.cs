using System.Globalization;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A variant of a kernel as machine code on a device.</summary>
internal sealed unsafe class CudaKernel
{
    // What a launch may use without asking.
    private const int DefaultSharedBytes = 48 << 10;

    private readonly CudaAccelerator _accelerator;
    private readonly Lock _lock = new();
    private int _dynamicSharedLimit;

    public CudaKernel(CudaAccelerator accelerator, KernelSource source, CudaModule module)
    {
        _accelerator = accelerator;
        Source = source;
        Module = module;
        MaxThreads = Attribute(CudaFunctionAttribute.MaxThreadsPerBlock);
        StaticSharedBytes = Attribute(CudaFunctionAttribute.StaticSharedBytes);
        LocalBytes = Attribute(CudaFunctionAttribute.LocalBytes);
        Registers = Attribute(CudaFunctionAttribute.Registers);
        _dynamicSharedLimit = Math.Max(0, DefaultSharedBytes - StaticSharedBytes);
    }

    public KernelSource Source { get; }

    public CudaModule Module { get; }

    public nint Function => Module.Function;

    /// <summary>Most threads of a group, given the registers of a thread.</summary>
    public int MaxThreads { get; }

    public int StaticSharedBytes { get; }

    public int LocalBytes { get; }

    public int Registers { get; }

    /// <summary>The numbers, for messages.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"{Registers} registers, {StaticSharedBytes} bytes of static shared memory, at most {MaxThreads} threads");

    /// <summary>Refuses a launch that this code cannot do; allows it the shared memory that it asks for.</summary>
    public void Prepare(in KernelConfig config)
    {
        long threads = (long)config.Group.X * config.Group.Y * config.Group.Z;
        if (threads > MaxThreads)
        {
            Refuse(string.Create(
                CultureInfo.InvariantCulture, $"groups of {threads} threads: with {Registers} registers a thread, {MaxThreads} are the most"));
        }

        if (config.SharedBytes > Volatile.Read(ref _dynamicSharedLimit))
        {
            RaiseSharedLimit(config.SharedBytes);
        }
    }

    private void RaiseSharedLimit(int bytes)
    {
        int most = _accelerator.Properties.MaxSharedBytes;
        if (bytes > most - StaticSharedBytes)
        {
            Refuse(string.Create(
                CultureInfo.InvariantCulture, $"{bytes} bytes of dynamic shared memory beside {StaticSharedBytes} static ones: {most} are the most in all"));
        }

        lock (_lock)
        {
            if (bytes > _dynamicSharedLimit)
            {
                // The limit counts dynamic bytes alone; a carve-out of 100 percent lets as many groups as possible fit beside each other.
                CudaApi api = _accelerator.Driver.Api;
                _accelerator.Check(api.FuncSetAttribute(Function, CudaFunctionAttribute.MaxDynamicSharedBytes, bytes), $"cuFuncSetAttribute of {Source.Name}");
                _accelerator.Check(api.FuncSetAttribute(Function, CudaFunctionAttribute.PreferredSharedCarveout, 100), $"cuFuncSetAttribute of {Source.Name}");
                Volatile.Write(ref _dynamicSharedLimit, bytes);
            }
        }
    }

    private int Attribute(CudaFunctionAttribute attribute)
    {
        int value = 0;
        _accelerator.Check(_accelerator.Driver.Api.FuncGetAttribute(&value, attribute, Function), $"cuFuncGetAttribute of {Source.Name}");
        return value;
    }

    private void Refuse(string what) => throw new ArgumentException(
        $"Kernel {Source.Name} cannot be launched on {_accelerator.Name} ({_accelerator.Properties.DeviceName}) with {what}.");
}
