using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// The arguments of a launch as the driver takes them: an array of pointers, one per parameter of the kernel, to values that it copies
/// during the call. Kept outside the managed heap and used again for every launch of a stream. A view becomes the device address of
/// its first element and, where the kernel asks, its length; a specialised value becomes no argument but chooses the variant.
/// </summary>
internal sealed unsafe class CudaArguments : KernelArguments, IDisposable
{
    // What a kernel may take in all since CUDA 12.1 is 32764 bytes; more than a thousand parameters would be a mistake.
    private const int MaxBytes = 32768;
    private const int MaxArguments = 1024;
    private const int MaxSpecialized = 32;

    private readonly CudaAccelerator _accelerator;
    private readonly int[] _specialized = new int[MaxSpecialized];
    private byte* _values;
    private void** _pointers;
    private int _usedBytes;
    private int _specializedCount;
    private int _parameter;
    private bool[] _takesLength = [];
    private string _kernel = string.Empty;

    public CudaArguments(CudaAccelerator accelerator)
    {
        _accelerator = accelerator;
        _values = (byte*)NativeMemory.AlignedAlloc(MaxBytes, 16);
        _pointers = (void**)NativeMemory.AlignedAlloc((nuint)(MaxArguments * sizeof(void*)), 16);
    }

    /// <summary>Number of arguments.</summary>
    public int Count { get; private set; }

    /// <summary>The array of pointers.</summary>
    public void** Pointers => _pointers;

    /// <summary>The specialised values in order.</summary>
    public ReadOnlySpan<int> Specialized => _specialized.AsSpan(0, _specializedCount);

    /// <summary>Starts the arguments of a launch.</summary>
    /// <param name="kernel">Name of the kernel, for messages.</param>
    /// <param name="takesLength">For each parameter whether the length of the view is an argument too.</param>
    public void Begin(string kernel, bool[] takesLength)
    {
        _kernel = kernel;
        _takesLength = takesLength;
        _usedBytes = 0;
        _specializedCount = 0;
        _parameter = 0;
        Count = 0;
    }

    public override void Add<T>(ArrayView<T> view)
    {
        LaunchChecks.RequireView(_accelerator, _kernel, _parameter, view.Buffer);
        nint address = view.Buffer is CudaBuffer own ? own.Address + (nint)view.OffsetInBytes : 0;
        bool takesLength = _parameter < _takesLength.Length && _takesLength[_parameter];
        Put(address);
        if (takesLength)
        {
            Put(view.Length);
        }

        _parameter++;
    }

    public override void Add<T>(T value)
    {
        if (typeof(T) == typeof(bool))
        {
            Put(Unsafe.As<T, bool>(ref value) ? 1 : 0);
        }
        else
        {
            Put(value);
        }

        _parameter++;
    }

    public override void Add(SpecializedValue<int> value)
    {
        if (_specializedCount == MaxSpecialized)
        {
            ThrowTooMany();
        }

        _specialized[_specializedCount++] = value.Value;
        _parameter++;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_pointers);
        _values = null;
        _pointers = null;
    }

    private void Put<T>(T value)
        where T : unmanaged
    {
        // The driver copies as many bytes as the parameter has, from any address; 8 keeps every number aligned.
        int end = _usedBytes + ((sizeof(T) + 7) & ~7);
        if (end > MaxBytes || Count == MaxArguments)
        {
            ThrowTooMany();
        }

        byte* place = _values + _usedBytes;
        Unsafe.WriteUnaligned(place, value);
        _pointers[Count++] = place;
        _usedBytes = end;
    }

    private void ThrowTooMany() => throw new ArgumentException(
        $"Kernel {_kernel} takes more than {MaxArguments} arguments, {MaxBytes} bytes of them or {MaxSpecialized} specialised values.");
}
