using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>
/// A ring of host memory that uploads are copied to, so that the caller may go on at once: a write that waited for its data to be read
/// would wait for all work queued before. Belongs to one queue, whose lock its callers hold.
/// </summary>
internal sealed unsafe class OpenCLStaging(OpenCLAccelerator accelerator, nint queue)
{
    /// <summary>Most bytes of one upload.</summary>
    public const int MaxUploadBytes = RingBytes / 2;

    private const int RingBytes = 8 << 20;
    private const int MaxUploads = 256;
    private const int Alignment = 64;

    // The uploads under way, oldest first: a ring of its own.
    private readonly (int Start, int End, nint Done)[] _uploads = new (int Start, int End, nint Done)[MaxUploads];
    private OpenCLPinnedMemory? _memory;
    private int _first;
    private int _count;

    /// <summary>Copies bytes and queues their way into a buffer.</summary>
    public void Upload(ReadOnlySpan<byte> source, nint buffer, long byteOffset)
    {
        _memory ??= OpenCLPinnedMemory.Allocate(accelerator, RingBytes);
        int length = (source.Length + Alignment - 1) / Alignment * Alignment;
        int start;
        while (_count == MaxUploads || !TryPlace(length, out start))
        {
            OpenCLError.Require(RetireOldest(), accelerator.FullName, "an upload");
        }

        byte* place = (byte*)_memory.Address + start;
        source.CopyTo(new Span<byte>(place, source.Length));
        nint done;
        OpenCLError.Require(
            EnqueueWrite(queue, buffer, 0, (nuint)byteOffset, (nuint)source.Length, place, 0, null, &done), accelerator.FullName, "clEnqueueWriteBuffer");
        _uploads[(_first + _count) % MaxUploads] = (start, start + length, done);
        _count++;
    }

    /// <summary>Gives the memory back, after all uploads. Never fails: the device may be lost.</summary>
    public void Release()
    {
        while (_count > 0)
        {
            _ = RetireOldest();
        }

        _memory?.Dispose();
        _memory = null;
    }

    private bool TryPlace(int length, out int start)
    {
        start = 0;
        if (_count == 0)
        {
            return true;
        }

        int oldest = _uploads[_first].Start;
        int end = _uploads[(_first + _count - 1) % MaxUploads].End;
        if (end > oldest)
        {
            start = RingBytes - end >= length ? end : 0;
            return start == end || length <= oldest;
        }

        start = end;
        return length <= oldest - end;
    }

    private int RetireOldest()
    {
        nint done = _uploads[_first].Done;
        int code = WaitForEvents(1, &done);
        _ = ReleaseEvent(done);
        _first = (_first + 1) % MaxUploads;
        _count--;
        return code;
    }
}
