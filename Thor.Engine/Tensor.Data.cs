using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Thor.Engine.Memory;

namespace Thor.Engine;

/// <content>Moving numbers in and out.</content>
public sealed partial class Tensor
{
    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, DType type = DType.Float32, Device device = default) => Full(shape, 0, type, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape, DType type = DType.Float32, Device device = default) => Full(shape, 1, type, device);

    /// <summary>A tensor with the same value everywhere.</summary>
    public static Tensor Full(Shape shape, double value, DType type = DType.Float32, Device device = default)
    {
        Tensor tensor = Empty(shape, type, device);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>A tensor of rank 0.</summary>
    public static Tensor Scalar(double value, DType type = DType.Float32, Device device = default) => Full(Shape.Scalar, value, type, device);

    /// <summary>Copies row-major data into a new tensor.</summary>
    /// <typeparam name="T">float, double or int.</typeparam>
    /// <exception cref="ShapeException">The number of elements is not that of the shape.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> data, Shape shape, Device device = default)
        where T : unmanaged
    {
        if (data.Length != shape.Length)
        {
            ShapeException.Throw("Tensor.From", $"{data.Length} elements do not fill {shape}");
        }

        Tensor tensor = Empty(shape, DTypes.Of<T>(), device);
        tensor.Backend.Upload(MemoryMarshal.AsBytes(data), tensor.Memory, 0);
        return tensor;
    }

    /// <summary>Copies row-major data into a new tensor.</summary>
    public static Tensor From<T>(T[] data, Shape shape, Device device = default)
        where T : unmanaged => From((ReadOnlySpan<T>)data, shape, device);

    /// <summary>Copies an array into a new tensor of rank 1.</summary>
    public static Tensor From<T>(params T[] data)
        where T : unmanaged => From((ReadOnlySpan<T>)data, [data.Length]);

    /// <summary>The elements in row-major order, after all work on them is done.</summary>
    /// <exception cref="InvalidOperationException">T is not the element type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        RequireType<T>();
        T[] data = new T[Length];
        Tensor dense = Contiguous();
        Backend.Download(dense.Memory, dense.Offset * DType.Size(), MemoryMarshal.AsBytes(data.AsSpan()));
        return data;
    }

    /// <summary>The one element of a tensor of length 1, converted to double. Waits for the device.</summary>
    /// <exception cref="ShapeException">The tensor has another length.</exception>
    public double Item()
    {
        if (Length != 1)
        {
            ShapeException.Throw("Item", $"{Shape} has not exactly one element");
        }

        return DType switch
        {
            DType.Float32 => ToArray<float>()[0],
            DType.Float64 => ToArray<double>()[0],
            _ => ToArray<int>()[0],
        };
    }

    /// <summary>The elements of a contiguous host tensor, without a copy; valid while the tensor is alive.</summary>
    /// <exception cref="InvalidOperationException">The tensor is elsewhere, not contiguous or of another element type.</exception>
    public unsafe Span<T> AsSpan<T>()
        where T : unmanaged
    {
        RequireType<T>();
        if (Memory is not HostMemory memory || !IsContiguous)
        {
            throw new InvalidOperationException($"AsSpan needs a contiguous host tensor; this is {this}{(IsContiguous ? string.Empty : ", strided")}.");
        }

        return new Span<T>((T*)memory.Pointer + Offset, checked((int)Length));
    }

    /// <summary>The elements of a host tensor as a System.Numerics.Tensors span with the same shape and strides, without a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor is elsewhere or of another element type.</exception>
    public unsafe TensorSpan<T> AsTensorSpan<T>()
        where T : unmanaged
    {
        RequireType<T>();
        if (Memory is not HostMemory memory)
        {
            throw new InvalidOperationException($"AsTensorSpan needs a host tensor; this is {this}.");
        }

        nint[] lengths = new nint[Rank];
        nint[] strides = new nint[Rank];
        nint reach = 1;
        for (int i = 0; i < Rank; i++)
        {
            lengths[i] = Shape.Extents[i];
            strides[i] = Shape.Extents[i] == 1 ? 0 : (nint)_strides[i];
            reach += Math.Max(0, lengths[i] - 1) * strides[i];
        }

        return new TensorSpan<T>((T*)memory.Pointer + Offset, Length == 0 ? 0 : reach, lengths, strides);
    }

    /// <summary>This tensor on a device: itself if it is there already, else a copy.</summary>
    public Tensor To(Device device)
    {
        if (device == Device)
        {
            return this;
        }

        Tensor dense = Contiguous();
        Tensor moved = Empty(Shape, DType, device);
        long byteOffset = dense.Offset * DType.Size();
        int length = checked((int)(Length * DType.Size()));
        if (dense.Memory is HostMemory from)
        {
            moved.Backend.Upload(from.Range(byteOffset, length), moved.Memory, 0);
        }
        else if (moved.Memory is HostMemory to)
        {
            Backend.Download(dense.Memory, byteOffset, to.Range(0, length));
        }
        else
        {
            byte[] bytes = new byte[length];
            Backend.Download(dense.Memory, byteOffset, bytes);
            moved.Backend.Upload(bytes, moved.Memory, 0);
        }

        return moved;
    }

    /// <summary>This tensor with another element type: itself if it has that type already, else a copy.</summary>
    public Tensor Cast(DType type)
    {
        if (type == DType)
        {
            return this;
        }

        Tensor converted = Empty(Shape, type, Device);
        Backend.Copy(this, converted);
        return converted;
    }

    /// <summary>A contiguous copy.</summary>
    public Tensor Clone()
    {
        Tensor copy = EmptyLike(Shape);
        Backend.Copy(this, copy);
        return copy;
    }

    /// <summary>Overwrites this tensor with another of a shape that broadcasts to it, converting the element type.</summary>
    /// <returns>This tensor.</returns>
    public Tensor CopyFrom(Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireWritable("CopyFrom");
        Backend.Copy(Apart(source.To(Device).BroadcastTo(Shape)), this);
        return this;
    }

    /// <summary>Overwrites every element.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Fill(double value)
    {
        RequireWritable("Fill");
        Backend.Fill(this, value);
        return this;
    }

    internal void RequireType<T>()
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
        {
            throw new InvalidOperationException($"{this} was read as {typeof(T).Name}; cast it first.");
        }
    }
}
