namespace Thor.Engine;

/// <content>Joining, and rows by index.</content>
public sealed partial class Tensor
{
    /// <summary>A new tensor of the given ones behind each other along an axis.</summary>
    /// <exception cref="ShapeException">There are none, or devices, element types or the other axes differ.</exception>
    public static Tensor Concatenate(IReadOnlyList<Tensor> tensors, int axis)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0)
        {
            ShapeException.Throw("Concatenate", "needs at least one tensor");
        }

        Tensor first = tensors[0];
        axis = first.Shape.Axis(axis);
        long total = 0;
        foreach (Tensor tensor in tensors)
        {
            RequireSameKind("Concatenate", first, tensor);
            if (tensor.Rank != first.Rank || tensor.Shape.With(axis, first.Shape.Extents[axis]) != first.Shape)
            {
                ShapeException.Throw("Concatenate", $"shapes differ outside axis {axis}, {first.Shape} and {tensor.Shape}");
            }

            total += tensor.Shape.Extents[axis];
        }

        Tensor y = first.EmptyLike(first.Shape.With(axis, checked((int)total)));
        int start = 0;
        foreach (Tensor tensor in tensors)
        {
            int length = tensor.Shape.Extents[axis];
            first.Backend.Copy(tensor, y.Slice(axis, start, length));
            start += length;
        }

        return y;
    }

    /// <summary>For Int32 ids of any shape: (ids..., classes) with 1 at the id; an id outside [0, classes) gives a row of zeros.</summary>
    /// <exception cref="ShapeException">This tensor is not Int32 or the number of classes is negative.</exception>
    public Tensor OneHot(int classes, DType type = DType.Float32)
    {
        RequireIds("OneHot", this, this);
        if (classes < 0)
        {
            ShapeException.Throw("OneHot", $"the number of classes must be at least zero, got {classes} for {Shape}");
        }

        Tensor ids = Contiguous();
        Tensor y = Empty(new Shape([.. Shape.Extents, classes]), type, Device);
        Backend.OneHot(ids, y);
        return y;
    }

    /// <summary>Rows of this table (rows, width) by Int32 ids of any shape: a new tensor (ids..., width).</summary>
    /// <exception cref="ShapeException">The table is not of rank 2 or the ids are not Int32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    public Tensor Gather(Tensor ids)
    {
        RequireIds("Gather", ids, this);
        RequireTable("Gather", ids);
        int width = Shape.Extents[1];
        int count = checked((int)ids.Length);
        Tensor y = EmptyLike(new Shape([.. ids.Shape.Extents, width]));
        Backend.Gather(Contiguous(), ids.Reshape(count), y.Reshape(count, width));
        return y;
    }

    /// <summary>Adds rows x (ids..., width) to the rows of this contiguous table (rows, width) that the ids name, in the order of the ids.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ShapeException">Shapes do not fit, the table is strided, or the ids are not Int32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table; nothing was added.</exception>
    public Tensor ScatterAdd(Tensor ids, Tensor x)
    {
        RequireIds("ScatterAdd", ids, this);
        RequireSameKind("ScatterAdd", this, x);
        RequireTable("ScatterAdd", ids);
        int width = Shape.Extents[1];
        if (!IsContiguous || x.Shape != new Shape([.. ids.Shape.Extents, width]))
        {
            ShapeException.Throw("ScatterAdd", $"needs a contiguous table and one row per id, got table {Shape}, ids {ids.Shape}, rows {x.Shape}");
        }

        int count = checked((int)ids.Length);
        Backend.ScatterAdd(ids.Reshape(count), x.Reshape(count, width), this);
        return this;
    }

    private void RequireTable(string operation, Tensor ids)
    {
        if (Rank != 2)
        {
            ShapeException.Throw(operation, $"the table must be (rows, width), got {Shape} with ids {ids.Shape}");
        }
    }
}
