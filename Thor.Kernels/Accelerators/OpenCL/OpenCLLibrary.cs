using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>The functions of OpenCL 1.2 that are used, from the system's loader of OpenCL drivers.</summary>
internal static unsafe partial class OpenCLLibrary
{
    private const string Name = "OpenCL";
    private const string HandlesDivision = "POCL_SIGFPE_HANDLER";

    private static readonly string[] s_files = OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    /// <summary>The file that was loaded; null if there is none.</summary>
    public static string? LoadedFile { get; } = Load();

    /// <summary>What was looked for, and how to get it.</summary>
    public static string Missing =>
        $"there is no {string.Join(" or ", s_files)} on the library path (Debian: apt install ocl-icd-libopencl1, and a driver such as pocl-opencl-icd)";

    [LibraryImport(Name, EntryPoint = "clGetPlatformIDs")]
    public static partial int GetPlatforms(uint capacity, nint* platforms, uint* count);

    [LibraryImport(Name, EntryPoint = "clGetPlatformInfo")]
    public static partial int GetPlatformInfo(nint platform, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clGetDeviceIDs")]
    public static partial int GetDevices(nint platform, ulong type, uint capacity, nint* devices, uint* count);

    [LibraryImport(Name, EntryPoint = "clGetDeviceInfo")]
    public static partial int GetDeviceInfo(nint device, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clCreateContext")]
    public static partial nint CreateContext(nint* properties, uint devices, nint* device, nint notify, nint data, int* error);

    [LibraryImport(Name, EntryPoint = "clReleaseContext")]
    public static partial int ReleaseContext(nint context);

    [LibraryImport(Name, EntryPoint = "clCreateCommandQueue")]
    public static partial nint CreateQueue(nint context, nint device, ulong properties, int* error);

    [LibraryImport(Name, EntryPoint = "clReleaseCommandQueue")]
    public static partial int ReleaseQueue(nint queue);

    [LibraryImport(Name, EntryPoint = "clFlush")]
    public static partial int Flush(nint queue);

    [LibraryImport(Name, EntryPoint = "clFinish")]
    public static partial int Finish(nint queue);

    [LibraryImport(Name, EntryPoint = "clCreateBuffer")]
    public static partial nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    [LibraryImport(Name, EntryPoint = "clReleaseMemObject")]
    public static partial int ReleaseBuffer(nint buffer);

    [LibraryImport(Name, EntryPoint = "clEnqueueMigrateMemObjects")]
    public static partial int EnqueueMigrate(nint queue, uint buffers, nint* buffer, ulong flags, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueReadBuffer")]
    public static partial int EnqueueRead(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* host, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueWriteBuffer")]
    public static partial int EnqueueWrite(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* host, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueCopyBuffer")]
    public static partial int EnqueueCopy(
        nint queue, nint source, nint destination, nuint sourceOffset, nuint destinationOffset, nuint size, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueFillBuffer")]
    public static partial int EnqueueFill(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueMapBuffer")]
    public static partial void* EnqueueMap(
        nint queue, nint buffer, uint blocking, ulong flags, nuint offset, nuint size, uint waits, nint* wait, nint* done, int* error);

    [LibraryImport(Name, EntryPoint = "clEnqueueUnmapMemObject")]
    public static partial int EnqueueUnmap(nint queue, nint buffer, void* mapped, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueNDRangeKernel")]
    public static partial int EnqueueKernel(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueMarkerWithWaitList")]
    public static partial int EnqueueMarker(nint queue, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clEnqueueBarrierWithWaitList")]
    public static partial int EnqueueBarrier(nint queue, uint waits, nint* wait, nint* done);

    [LibraryImport(Name, EntryPoint = "clWaitForEvents")]
    public static partial int WaitForEvents(uint count, nint* events);

    [LibraryImport(Name, EntryPoint = "clGetEventInfo")]
    public static partial int GetEventInfo(nint point, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clGetEventProfilingInfo")]
    public static partial int GetEventProfilingInfo(nint point, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clReleaseEvent")]
    public static partial int ReleaseEvent(nint point);

    [LibraryImport(Name, EntryPoint = "clCreateProgramWithSource")]
    public static partial nint CreateProgramWithSource(nint context, uint count, byte** texts, nuint* lengths, int* error);

    [LibraryImport(Name, EntryPoint = "clCreateProgramWithBinary")]
    public static partial nint CreateProgramWithBinary(nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* status, int* error);

    [LibraryImport(Name, EntryPoint = "clBuildProgram", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BuildProgram(nint program, uint count, nint* devices, string options, nint notify, nint data);

    [LibraryImport(Name, EntryPoint = "clGetProgramInfo")]
    public static partial int GetProgramInfo(nint program, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clGetProgramBuildInfo")]
    public static partial int GetProgramBuildInfo(nint program, nint device, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clReleaseProgram")]
    public static partial int ReleaseProgram(nint program);

    [LibraryImport(Name, EntryPoint = "clCreateKernel", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint CreateKernel(nint program, string name, int* error);

    [LibraryImport(Name, EntryPoint = "clReleaseKernel")]
    public static partial int ReleaseKernel(nint kernel);

    [LibraryImport(Name, EntryPoint = "clGetKernelInfo")]
    public static partial int GetKernelInfo(nint kernel, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clGetKernelWorkGroupInfo")]
    public static partial int GetKernelGroupInfo(nint kernel, nint device, uint what, nuint capacity, void* value, nuint* size);

    [LibraryImport(Name, EntryPoint = "clSetKernelArg")]
    public static partial int SetArgument(nint kernel, uint index, nuint size, void* value);

    private static string? Load()
    {
        // PoCL would take over the signal that division by zero raises, and from then on no C# of the process would see a
        // DivideByZeroException. The runtime's own setter changes only its copy of the environment, which native code does not see.
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment(HandlesDivision, "0", overwrite: 0);
        }

        return DriverLibraries.Load(Name, s_files);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
