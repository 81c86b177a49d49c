namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Work that was recorded from a stream, ready to be submitted to it again.</summary>
internal sealed unsafe class CudaGraph : AcceleratorGraph
{
    private readonly CudaStream _stream;
    private readonly nint _executable;
    private readonly int _kernels;
    private readonly IReadOnlyList<(nint Block, long Bytes)> _blocks;
    private bool _released;

    /// <param name="stream">Where the work was recorded.</param>
    /// <param name="executable">The driver's executable graph.</param>
    /// <param name="kernels">Launches in it, for the statistics.</param>
    /// <param name="blocks">Memory that the work uses and that nobody else owns.</param>
    public CudaGraph(CudaStream stream, nint executable, int kernels, IReadOnlyList<(nint Block, long Bytes)> blocks)
    {
        _stream = stream;
        _executable = executable;
        _kernels = kernels;
        _blocks = blocks;
    }

    ~CudaGraph() => Free();

    public override void Launch()
    {
        ObjectDisposedException.ThrowIf(_released, this);
        _stream.Launch(_executable, _kernels);
    }

    protected override void Release() => Free();

    private void Free()
    {
        if (_released)
        {
            return;
        }

        _released = true;
        CudaAccelerator accelerator = _stream.Device;
        if (accelerator.TryEnter())
        {
            accelerator.Driver.Api.GraphExecDestroy(_executable);
        }

        foreach ((nint block, long bytes) in _blocks)
        {
            accelerator.DeviceMemory.Return(block, bytes);
        }
    }
}
