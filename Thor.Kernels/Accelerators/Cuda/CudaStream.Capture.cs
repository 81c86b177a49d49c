namespace Thor.Kernels.Accelerators.Cuda;

internal sealed unsafe partial class CudaStream
{
    // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: only this thread is held to what can be recorded; others go on.
    private const int ThreadLocalCapture = 1;

    private bool _recording;
    private int _recordedKernels;

    /// <summary>
    /// Records what the action submits to this stream as a CUDA graph and submits it once. Kernels should have been launched before, so that
    /// none is compiled meanwhile. Memory that is given back during the recording stays with the graph.
    /// </summary>
    /// <exception cref="InvalidOperationException">The stream is recording already, or the action uploads from unpinned memory, downloads or waits.</exception>
    public override AcceleratorGraph? Capture(Action submit)
    {
        ArgumentNullException.ThrowIfNull(submit);

        // The lock is recursive, so what the action submits from this thread passes; other threads wait with theirs.
        lock (_lock)
        {
            Enter();
            RequireNotRecording("A recording", "end the one under way first");
            nint executable = 0;
            IReadOnlyList<(nint Block, long Bytes)> blocks;
            Device.Check(Api.StreamBeginCapture(_handle, ThreadLocalCapture), "cuStreamBeginCapture");
            _recording = true;
            _recordedKernels = 0;
            Device.DeviceMemory.BeginRecording();
            bool complete = false;
            try
            {
                submit();
                complete = true;
            }
            finally
            {
                blocks = Device.DeviceMemory.EndRecording();
                _recording = false;
                nint graph = 0;
                CudaResult ended = Api.StreamEndCapture(_handle, &graph);
                if (!complete)
                {
                    // The exception of the action goes on; nothing of the recording ran, so its memory is free.
                    Discard(graph, blocks);
                }
                else
                {
                    executable = Instantiate(ended, graph, blocks);
                }
            }

            CudaGraph result = new(this, executable, _recordedKernels, blocks);
            Submit(executable);
            return result;
        }
    }

    /// <summary>Submits a recording again.</summary>
    public void Launch(nint executable, int kernels)
    {
        lock (_lock)
        {
            Enter();
            RequireNotRecording("A replay", "end the recording first");
            Device.CountLaunches(kernels);
            Submit(executable);
        }
    }

    private void Submit(nint executable) => Device.Check(Api.GraphLaunch(executable, _handle), "cuGraphLaunch");

    private nint Instantiate(CudaResult ended, nint graph, IReadOnlyList<(nint Block, long Bytes)> blocks)
    {
        nint executable = 0;
        CudaResult made = ended == CudaResult.Success ? Api.GraphInstantiateWithFlags(&executable, graph, 0) : ended;
        if (made != CudaResult.Success)
        {
            Discard(graph, blocks);
            Device.Check(made, ended == CudaResult.Success ? "cuGraphInstantiateWithFlags" : "cuStreamEndCapture");
        }

        Api.GraphDestroy(graph);
        return executable;
    }

    private void Discard(nint graph, IReadOnlyList<(nint Block, long Bytes)> blocks)
    {
        if (graph != 0)
        {
            Api.GraphDestroy(graph);
        }

        foreach ((nint block, long bytes) in blocks)
        {
            Device.DeviceMemory.Return(block, bytes);
        }
    }

    private void RequireNotRecording(string what, string instead)
    {
        if (_recording)
        {
            throw new InvalidOperationException($"{what} cannot be part of a recording of {Device.Name}: {instead}.");
        }
    }
}
