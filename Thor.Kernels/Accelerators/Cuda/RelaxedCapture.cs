namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// While this lives, the calling thread may make calls that the driver refuses to a thread that records a stream, such as allocating
/// and loading code. They are no part of the recording.
/// </summary>
internal readonly unsafe ref struct RelaxedCapture
{
    // CU_STREAM_CAPTURE_MODE_RELAXED
    private const int Relaxed = 2;

    private readonly CudaApi _api;
    private readonly int _previous;

    public RelaxedCapture(CudaApi api)
    {
        _api = api;
        int mode = Relaxed;
        _api.ThreadExchangeStreamCaptureMode(&mode);
        _previous = mode;
    }

    public void Dispose()
    {
        int mode = _previous;
        _api.ThreadExchangeStreamCaptureMode(&mode);
    }
}
