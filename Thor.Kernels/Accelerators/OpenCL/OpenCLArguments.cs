using System.Globalization;
using System.Runtime.CompilerServices;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>
/// Collects the arguments of a launch, because which kernel object takes them is known only when all specialised values are. A view
/// becomes its buffer, the number of the first element (int64) and, where the kernel reads it, its length (int64).
/// </summary>
internal sealed unsafe class OpenCLArguments(OpenCLAccelerator accelerator) : KernelArguments
{
    // OpenCL promises 1 KiB for all arguments, devices take about 4 KiB.
    private const int Capacity = 8192;
    private const int Alignment = 16;

    // Pinned, since drivers read arguments by address.
    private readonly byte[] _bytes = GC.AllocateArray<byte>(Capacity, pinned: true);
    private readonly (int Offset, int Size)[] _arguments = new (int Offset, int Size)[Capacity / Alignment];
    private readonly int[] _specialized = new int[Capacity / Alignment];
    private KernelSource? _source;
    private int _parameter;
    private int _count;
    private int _used;
    private int _specializedCount;

    /// <summary>The values to compile for, in order.</summary>
    public ReadOnlySpan<int> Specialized => _specialized.AsSpan(0, _specializedCount);

    /// <summary>Begins a launch.</summary>
    public void Begin(KernelSource source)
    {
        _source = source;
        _parameter = 0;
        _count = 0;
        _used = 0;
        _specializedCount = 0;
    }

    /// <summary>Hands the arguments to a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="sharedBytes">Bytes of the last argument, if the kernel has one for dynamic shared memory.</param>
    public void Set(OpenCLKernel kernel, int sharedBytes)
    {
        KernelSource source = _source!; // set by Begin
        int expected = _count + (source.UsesDynamicShared ? 1 : 0);
        if (kernel.Arguments != expected)
        {
            throw new DeviceException(string.Create(
                CultureInfo.InvariantCulture, $"Kernel {source.Name} ({source.Location}) takes {kernel.Arguments} arguments in its OpenCL form, but its launcher gives {expected}."));
        }

        byte* bytes = (byte*)Unsafe.AsPointer(ref _bytes[0]);
        for (int i = 0; i < _count; i++)
        {
            (int offset, int size) = _arguments[i];
            Require(SetArgument(kernel.Handle, (uint)i, (nuint)size, bytes + offset), i);
        }

        if (source.UsesDynamicShared)
        {
            // An empty argument is refused, although a kernel may well be launched without using it.
            Require(SetArgument(kernel.Handle, (uint)_count, (nuint)Math.Max(sharedBytes, Alignment), null), _count);
        }
    }

    /// <inheritdoc/>
    public override void Add<T>(ArrayView<T> view)
    {
        LaunchChecks.RequireView(accelerator, _source!.Name, _parameter, view.Buffer); // set by Begin
        Put(view.Buffer is OpenCLBuffer buffer ? buffer.Handle : 0);
        Put(view.OffsetInBytes / sizeof(T));
        if (_parameter < _source!.TakesLength.Count && _source.TakesLength[_parameter])
        {
            Put(view.Length);
        }

        _parameter++;
    }

    /// <inheritdoc/>
    public override void Add<T>(T value)
    {
        if (typeof(T) == typeof(bool))
        {
            Put((int)Unsafe.As<T, byte>(ref value));
        }
        else
        {
            Put(value);
        }

        _parameter++;
    }

    /// <inheritdoc/>
    public override void Add(SpecializedValue<int> value)
    {
        _specialized[_specializedCount++] = value.Value;
        _parameter++;
    }

    private void Put<T>(T value)
        where T : unmanaged
    {
        if (_used + sizeof(T) > Capacity)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"The arguments of kernel {_source!.Name} need more than {Capacity} bytes."), nameof(value)); // set by Begin
        }

        Unsafe.WriteUnaligned(ref _bytes[_used], value);
        _arguments[_count++] = (_used, sizeof(T));
        _used += (sizeof(T) + Alignment - 1) / Alignment * Alignment;
    }

    private void Require(int code, int argument)
    {
        if (code != 0)
        {
            OpenCLError.Throw(code, accelerator.FullName, string.Create(
                CultureInfo.InvariantCulture, $"clSetKernelArg number {argument}, from 0, of kernel {_source!.Name}")); // set by Begin
        }
    }
}
