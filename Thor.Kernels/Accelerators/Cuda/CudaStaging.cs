namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// A ring of page-locked memory through which host bytes reach the device: they are copied into a slot at once, so the caller may
/// change them, and travel on their own. A slot is written again when the copies out of it are done. Small uploads share a slot.
/// </summary>
internal sealed unsafe class CudaStaging
{
    private const int Slots = 4;
    private const int SlotBytes = 2 << 20;
    private const int Alignment = 64;
    private const uint DisableTiming = 2;

    private readonly CudaAccelerator _accelerator;
    private readonly nint[] _events = new nint[Slots];
    private readonly bool[] _pending = new bool[Slots];
    private nint _memory;
    private int _slot;
    private int _used;

    public CudaStaging(CudaAccelerator accelerator)
    {
        _accelerator = accelerator;
    }

    /// <summary>Submits the copy of host bytes to the device. Returns when all are staged.</summary>
    public void Upload(nint stream, ReadOnlySpan<byte> source, nint destination)
    {
        if (_memory == 0)
        {
            Allocate();
        }

        while (source.Length > 0)
        {
            int bytes = Math.Min(source.Length, SlotBytes);
            if (bytes > SlotBytes - _used)
            {
                Advance(stream);
            }

            byte* place = (byte*)_memory + ((long)_slot * SlotBytes) + _used;
            source[..bytes].CopyTo(new Span<byte>(place, bytes));
            _accelerator.Check(_accelerator.Driver.Api.MemcpyHtoDAsync(destination, place, (nuint)bytes, stream), "cuMemcpyHtoDAsync");
            _used = Math.Min(SlotBytes, (_used + bytes + Alignment - 1) & ~(Alignment - 1));
            source = source[bytes..];
            destination += bytes;
        }
    }

    /// <summary>Gives the ring back. Its copies must be done.</summary>
    public void Release()
    {
        if (_memory == 0 || !_accelerator.TryEnter())
        {
            return;
        }

        foreach (nint handle in _events)
        {
            if (handle != 0)
            {
                _accelerator.Driver.Api.EventDestroy(handle);
            }
        }

        _accelerator.FreePinned(_memory);
        _memory = 0;
    }

    private void Allocate()
    {
        for (int i = 0; i < Slots; i++)
        {
            if (_events[i] == 0)
            {
                nint handle = 0;
                _accelerator.Check(_accelerator.Driver.Api.EventCreate(&handle, DisableTiming), "cuEventCreate");
                _events[i] = handle;
            }
        }

        _memory = _accelerator.AllocatePinnedBytes((long)Slots * SlotBytes);
    }

    // Closes the slot behind its copies and waits until the next one is free.
    private void Advance(nint stream)
    {
        CudaApi api = _accelerator.Driver.Api;
        _accelerator.Check(api.EventRecord(_events[_slot], stream), "cuEventRecord");
        _pending[_slot] = true;
        _slot = (_slot + 1) % Slots;
        _used = 0;
        if (_pending[_slot])
        {
            _accelerator.Check(api.EventSynchronize(_events[_slot]), "cuEventSynchronize");
            _pending[_slot] = false;
        }
    }
}
