using System.Diagnostics;
using System.Globalization;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Engine;

/// <summary>
/// A rectangular array of numbers on one device: a view (shape, strides, offset) of shared memory. Views share elements
/// with the tensor they came from. A tensor belongs to the innermost <see cref="TensorScope"/> it was created in; outside
/// any scope it belongs to the caller, who may dispose it or leave it to the collector.
/// </summary>
/// <remarks>Operations allocate their result on the device of their operands and refuse to mix devices or element types.</remarks>
public sealed partial class Tensor : IDisposable
{
    private readonly TensorMemory _memory;
    private readonly long[] _strides;
    private bool _disposed;

    private Tensor(TensorMemory memory, Shape shape, long[] strides, long offset, DType type)
    {
        _memory = memory;
        Shape = shape;
        _strides = strides;
        Offset = offset;
        DType = type;
        IsContiguous = Dense(shape, strides);
        TensorScope.Register(this);
    }

    /// <summary>Extents, slowest axis first.</summary>
    public Shape Shape { get; }

    /// <summary>Distance in elements between neighbours along each axis; 0 along a broadcast axis.</summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>Index of the first element inside <see cref="Memory"/>, in elements.</summary>
    public long Offset { get; }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Where the elements are.</summary>
    public Device Device => _memory.Device;

    /// <summary>Number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>Number of elements.</summary>
    public long Length => Shape.Length;

    /// <summary>True when elements lie row-major without gaps.</summary>
    public bool IsContiguous { get; }

    /// <summary>True once the tensor was disposed, by hand or by the end of its scope.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>True while no other tensor shares the memory, so that writing into this one can surprise nobody.</summary>
    public bool OwnsMemory => !Memory.IsShared;

    /// <summary>The shared allocation, for backends.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed or its scope has ended.</exception>
    public TensorMemory Memory
    {
        get
        {
            if (_disposed)
            {
                throw new ObjectDisposedException(
                    nameof(Tensor), $"The tensor {Shape} was disposed, or the TensorScope it was created in has ended; TensorScope.Keep lets a tensor outlive its scope.");
            }

            return _memory;
        }
    }

    /// <summary>The primitives of this tensor's device.</summary>
    internal Backend Backend => Device.Backend;

    /// <summary>The scope that will dispose this tensor.</summary>
    internal TensorScope? Scope { get; set; }

    /// <summary>Position in that scope's list.</summary>
    internal int ScopeSlot { get; set; }

    /// <summary>An uninitialised tensor.</summary>
    /// <exception cref="DeviceException">The device does not exist, is out of memory or does not hold this element type.</exception>
    public static Tensor Empty(Shape shape, DType type = DType.Float32, Device device = default)
    {
        TensorMemory memory = device.Backend.Allocate(Math.Max(1, shape.Length) * type.Size());
        return new Tensor(memory, shape, shape.DenseStrides(), 0, type);
    }

    /// <summary>An uninitialised tensor of another shape, with this one's element type and device.</summary>
    public Tensor EmptyLike(Shape shape) => Empty(shape, DType, Device);

    /// <summary>Takes the tensor out of every scope: it lives until it is disposed or collected.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Persist()
    {
        TensorScope.Persist(this);
        return this;
    }

    /// <summary>Gives the memory back, unless views of it are still alive. Calling it twice does nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Scope?.Forget(this);
        EndOfScope();
    }

    /// <summary>For example "Float32[32, 128] on host".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DType}{Shape} on {Device}");

    /// <summary>A view of the same memory.</summary>
    internal Tensor View(Shape shape, long[] strides, long offset)
    {
        Debug.Assert(shape.Rank == strides.Length);
        Memory.AddReference();
        return new Tensor(_memory, shape, strides, offset, DType);
    }

    /// <summary>Called once, by Dispose or by the end of the scope.</summary>
    internal void EndOfScope()
    {
        Scope = null;
        _disposed = true;
        _memory.Release();
    }

    private static bool Dense(Shape shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            int extent = shape.Extents[axis];
            if (extent == 0)
            {
                return true;
            }

            if (extent != 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= extent;
        }

        return true;
    }
}
