namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>The entry points of NVIDIA's run-time compiler; all are there from CUDA 11.2 on. Answers are 0 or an error.</summary>
internal sealed unsafe class NvrtcApi
{
    public readonly delegate* unmanaged<int*, int*, int> Version;
    public readonly delegate* unmanaged<int, byte*> GetErrorString;
    public readonly delegate* unmanaged<int*, int> GetNumSupportedArchs;
    public readonly delegate* unmanaged<int*, int> GetSupportedArchs;
    public readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> CreateProgram;
    public readonly delegate* unmanaged<nint*, int> DestroyProgram;
    public readonly delegate* unmanaged<nint, int, byte**, int> CompileProgram;
    public readonly delegate* unmanaged<nint, nuint*, int> GetProgramLogSize;
    public readonly delegate* unmanaged<nint, byte*, int> GetProgramLog;
    public readonly delegate* unmanaged<nint, nuint*, int> GetPtxSize;
    public readonly delegate* unmanaged<nint, byte*, int> GetPtx;
    public readonly delegate* unmanaged<nint, nuint*, int> GetCubinSize;
    public readonly delegate* unmanaged<nint, byte*, int> GetCubin;

    /// <summary>Resolves every entry point.</summary>
    /// <param name="export">Gives the address of a name; throws <see cref="EntryPointNotFoundException"/> for one that is not there.</param>
    public NvrtcApi(Func<string, nint> export)
    {
        Version = (delegate* unmanaged<int*, int*, int>)export("nvrtcVersion");
        GetErrorString = (delegate* unmanaged<int, byte*>)export("nvrtcGetErrorString");
        GetNumSupportedArchs = (delegate* unmanaged<int*, int>)export("nvrtcGetNumSupportedArchs");
        GetSupportedArchs = (delegate* unmanaged<int*, int>)export("nvrtcGetSupportedArchs");
        CreateProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)export("nvrtcCreateProgram");
        DestroyProgram = (delegate* unmanaged<nint*, int>)export("nvrtcDestroyProgram");
        CompileProgram = (delegate* unmanaged<nint, int, byte**, int>)export("nvrtcCompileProgram");
        GetProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)export("nvrtcGetProgramLogSize");
        GetProgramLog = (delegate* unmanaged<nint, byte*, int>)export("nvrtcGetProgramLog");
        GetPtxSize = (delegate* unmanaged<nint, nuint*, int>)export("nvrtcGetPTXSize");
        GetPtx = (delegate* unmanaged<nint, byte*, int>)export("nvrtcGetPTX");
        GetCubinSize = (delegate* unmanaged<nint, nuint*, int>)export("nvrtcGetCUBINSize");
        GetCubin = (delegate* unmanaged<nint, byte*, int>)export("nvrtcGetCUBIN");
    }
}
