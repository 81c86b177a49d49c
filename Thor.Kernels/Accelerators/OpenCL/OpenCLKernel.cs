using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A compiled kernel of one stream: arguments are state of a kernel object, so streams do not share them.</summary>
internal sealed unsafe class OpenCLKernel
{
    private const uint ArgumentCount = 0x1191;
    private const uint GroupSize = 0x11B0;
    private const uint LocalMemory = 0x11B2;

    /// <summary>The kernel of a program.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="specialized">The values that it was compiled for.</param>
    /// <param name="program">The program.</param>
    /// <param name="device">The device.</param>
    /// <param name="name">The device, for messages.</param>
    public OpenCLKernel(KernelSource source, ReadOnlySpan<int> specialized, nint program, nint device, string name)
    {
        Specialized = specialized.ToArray();
        int code;
        Handle = CreateKernel(program, source.Name, &code);
        OpenCLError.Require(code, name, $"clCreateKernel of {source.Name}");
        uint arguments = 0;
        nuint threads = 0;
        ulong shared = 0;
        OpenCLError.Require(GetKernelInfo(Handle, ArgumentCount, sizeof(uint), &arguments, null), name, "clGetKernelInfo");
        OpenCLError.Require(GetKernelGroupInfo(Handle, device, GroupSize, (nuint)sizeof(nuint), &threads, null), name, "clGetKernelWorkGroupInfo");
        OpenCLError.Require(GetKernelGroupInfo(Handle, device, LocalMemory, sizeof(ulong), &shared, null), name, "clGetKernelWorkGroupInfo");
        Arguments = (int)arguments;
        MaxGroupThreads = (int)Math.Min(threads, int.MaxValue);
        StaticSharedBytes = (int)Math.Min(shared, int.MaxValue);
    }

    /// <summary>The object of the driver.</summary>
    public nint Handle { get; }

    /// <summary>The values that it was compiled for.</summary>
    public int[] Specialized { get; }

    /// <summary>Number of arguments.</summary>
    public int Arguments { get; }

    /// <summary>Most threads of a group, by the registers that it needs.</summary>
    public int MaxGroupThreads { get; }

    /// <summary>Bytes of shared memory that it always needs.</summary>
    public int StaticSharedBytes { get; }
}
