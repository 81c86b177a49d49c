namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// The entry points of the CUDA driver, resolved one by one from whatever hands out addresses: the driver's library, or a test's own
/// functions. Names end in the version that the headers map the plain name to; all are there from CUDA 11.4 on.
/// </summary>
internal sealed unsafe class CudaApi
{
    public readonly delegate* unmanaged<uint, CudaResult> Init;
    public readonly delegate* unmanaged<int*, CudaResult> DriverGetVersion;
    public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorName;
    public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorString;

    public readonly delegate* unmanaged<int*, CudaResult> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, CudaResult> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, CudaResult> DeviceGetName;
    public readonly delegate* unmanaged<nuint*, int, CudaResult> DeviceTotalMem;
    public readonly delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaResult> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, CudaResult> DevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, CudaResult> DevicePrimaryCtxRelease;

    public readonly delegate* unmanaged<nint, CudaResult> CtxSetCurrent;
    public readonly delegate* unmanaged<CudaResult> CtxSynchronize;

    public readonly delegate* unmanaged<nuint*, nuint*, CudaResult> MemGetInfo;
    public readonly delegate* unmanaged<nint*, nuint, CudaResult> MemAlloc;
    public readonly delegate* unmanaged<nint, CudaResult> MemFree;
    public readonly delegate* unmanaged<void**, nuint, uint, CudaResult> MemHostAlloc;
    public readonly delegate* unmanaged<void*, CudaResult> MemFreeHost;
    public readonly delegate* unmanaged<nint, void*, nuint, nint, CudaResult> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, nint, nuint, nint, CudaResult> MemcpyDtoHAsync;
    public readonly delegate* unmanaged<nint, nint, nuint, nint, CudaResult> MemcpyDtoDAsync;
    public readonly delegate* unmanaged<nint, byte, nuint, nint, CudaResult> MemsetD8Async;

    public readonly delegate* unmanaged<nint*, uint, CudaResult> StreamCreate;
    public readonly delegate* unmanaged<nint, CudaResult> StreamDestroy;
    public readonly delegate* unmanaged<nint, CudaResult> StreamSynchronize;
    public readonly delegate* unmanaged<nint, nint, uint, CudaResult> StreamWaitEvent;
    public readonly delegate* unmanaged<nint, int, CudaResult> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, CudaResult> StreamEndCapture;
    public readonly delegate* unmanaged<int*, CudaResult> ThreadExchangeStreamCaptureMode;

    public readonly delegate* unmanaged<nint*, nint, ulong, CudaResult> GraphInstantiateWithFlags;
    public readonly delegate* unmanaged<nint, nint, CudaResult> GraphLaunch;
    public readonly delegate* unmanaged<nint, CudaResult> GraphDestroy;
    public readonly delegate* unmanaged<nint, CudaResult> GraphExecDestroy;

    public readonly delegate* unmanaged<nint*, uint, CudaResult> EventCreate;
    public readonly delegate* unmanaged<nint, CudaResult> EventDestroy;
    public readonly delegate* unmanaged<nint, nint, CudaResult> EventRecord;
    public readonly delegate* unmanaged<nint, CudaResult> EventQuery;
    public readonly delegate* unmanaged<nint, CudaResult> EventSynchronize;
    public readonly delegate* unmanaged<float*, nint, nint, CudaResult> EventElapsedTime;

    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult> ModuleLoadDataEx;
    public readonly delegate* unmanaged<nint, CudaResult> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, CudaResult> ModuleGetFunction;
    public readonly delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaResult> FuncGetAttribute;
    public readonly delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaResult> FuncSetAttribute;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> LaunchKernel;

    /// <summary>Resolves every entry point.</summary>
    /// <param name="export">Gives the address of a name; throws <see cref="EntryPointNotFoundException"/> for one that is not there.</param>
    public CudaApi(Func<string, nint> export)
    {
        Init = (delegate* unmanaged<uint, CudaResult>)export("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, CudaResult>)export("cuDriverGetVersion");
        GetErrorName = (delegate* unmanaged<CudaResult, byte**, CudaResult>)export("cuGetErrorName");
        GetErrorString = (delegate* unmanaged<CudaResult, byte**, CudaResult>)export("cuGetErrorString");
        DeviceGetCount = (delegate* unmanaged<int*, CudaResult>)export("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, CudaResult>)export("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)export("cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, CudaResult>)export("cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaResult>)export("cuDeviceGetAttribute");
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, CudaResult>)export("cuDevicePrimaryCtxRetain");
        DevicePrimaryCtxRelease = (delegate* unmanaged<int, CudaResult>)export("cuDevicePrimaryCtxRelease_v2");
        CtxSetCurrent = (delegate* unmanaged<nint, CudaResult>)export("cuCtxSetCurrent");
        CtxSynchronize = (delegate* unmanaged<CudaResult>)export("cuCtxSynchronize");
        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, CudaResult>)export("cuMemGetInfo_v2");
        MemAlloc = (delegate* unmanaged<nint*, nuint, CudaResult>)export("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged<nint, CudaResult>)export("cuMemFree_v2");
        MemHostAlloc = (delegate* unmanaged<void**, nuint, uint, CudaResult>)export("cuMemHostAlloc");
        MemFreeHost = (delegate* unmanaged<void*, CudaResult>)export("cuMemFreeHost");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, void*, nuint, nint, CudaResult>)export("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nint, nuint, nint, CudaResult>)export("cuMemcpyDtoHAsync_v2");
        MemcpyDtoDAsync = (delegate* unmanaged<nint, nint, nuint, nint, CudaResult>)export("cuMemcpyDtoDAsync_v2");
        MemsetD8Async = (delegate* unmanaged<nint, byte, nuint, nint, CudaResult>)export("cuMemsetD8Async");
        StreamCreate = (delegate* unmanaged<nint*, uint, CudaResult>)export("cuStreamCreate");
        StreamDestroy = (delegate* unmanaged<nint, CudaResult>)export("cuStreamDestroy_v2");
        StreamSynchronize = (delegate* unmanaged<nint, CudaResult>)export("cuStreamSynchronize");
        StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, CudaResult>)export("cuStreamWaitEvent");
        StreamBeginCapture = (delegate* unmanaged<nint, int, CudaResult>)export("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, CudaResult>)export("cuStreamEndCapture");
        ThreadExchangeStreamCaptureMode = (delegate* unmanaged<int*, CudaResult>)export("cuThreadExchangeStreamCaptureMode");
        GraphInstantiateWithFlags = (delegate* unmanaged<nint*, nint, ulong, CudaResult>)export("cuGraphInstantiateWithFlags");
        GraphLaunch = (delegate* unmanaged<nint, nint, CudaResult>)export("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, CudaResult>)export("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, CudaResult>)export("cuGraphExecDestroy");
        EventCreate = (delegate* unmanaged<nint*, uint, CudaResult>)export("cuEventCreate");
        EventDestroy = (delegate* unmanaged<nint, CudaResult>)export("cuEventDestroy_v2");
        EventRecord = (delegate* unmanaged<nint, nint, CudaResult>)export("cuEventRecord");
        EventQuery = (delegate* unmanaged<nint, CudaResult>)export("cuEventQuery");
        EventSynchronize = (delegate* unmanaged<nint, CudaResult>)export("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaResult>)export("cuEventElapsedTime");
        ModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult>)export("cuModuleLoadDataEx");
        ModuleUnload = (delegate* unmanaged<nint, CudaResult>)export("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)export("cuModuleGetFunction");
        FuncGetAttribute = (delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaResult>)export("cuFuncGetAttribute");
        FuncSetAttribute = (delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaResult>)export("cuFuncSetAttribute");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)export("cuLaunchKernel");
    }
}
