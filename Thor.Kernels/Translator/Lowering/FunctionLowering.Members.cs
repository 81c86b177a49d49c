using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Fields, properties, and what a thread knows of its launch.</content>
internal sealed partial class FunctionLowering
{
    private const int WarpSize = 32;

    private Expression Field(IFieldReferenceOperation reference)
    {
        IFieldSymbol field = reference.Field;
        if (reference.Instance is null)
        {
            Diagnostics.Add(Rules.StaticState, reference.Syntax, field.ShortName());
            return Nothing();
        }

        Expression target = Value(reference.Instance);
        if (field.ContainingType.VectorLanes() > 0)
        {
            return new LaneValue(target, Lane(field.Name));
        }

        return target.Type is StructType && TypeOf(reference) is KernelType type
            ? new FieldValue(target, TypeMap.FieldName(field), type)
            : Nothing();
    }

    private static int Lane(string name) => name switch
    {
        "X" => 0,
        "Y" => 1,
        "Z" => 2,
        "W" => 3,
        _ => System.Convert.ToInt32(name.Substring(1), 16),
    };

    private Expression Property(IPropertyReferenceOperation reference)
    {
        IPropertySymbol property = reference.Property;
        INamedTypeSymbol container = property.ContainingType;
        if (container.IsView())
        {
            return ViewProperty(reference);
        }

        if (container.IsSpecialized())
        {
            return Value(reference.Instance!); // Value of a specialised value
        }

        if (reference.Instance is null)
        {
            return LaunchProperty(property) ?? RefusedProperty(reference);
        }

        if (container.IsInDialect() && property.Name == "Size")
        {
            return SizeOf(Value(reference.Instance));
        }

        Expression target = Value(reference.Instance);
        if (target.Type is StructType type)
        {
            for (int i = 0; i < type.Fields.Count; i++)
            {
                if (type.Fields[i].Name == property.Name)
                {
                    return target is StructValue value ? value.Fields[i] : new FieldValue(target, property.Name, type.Fields[i].Type);
                }
            }
        }

        return RefusedProperty(reference);
    }

    private Expression RefusedProperty(IPropertyReferenceOperation reference)
    {
        Refuse(reference);
        return Nothing();
    }

    private static Expression SizeOf(Expression index)
    {
        Expression? size = null;
        if (index.Type is StructType type)
        {
            for (int i = 0; i < type.Fields.Count; i++)
            {
                Expression field = index is StructValue value ? value.Fields[i] : new FieldValue(index, type.Fields[i].Name, KernelType.Int);
                size = size is null ? field : new Binary(BinaryOperator.Multiply, size, field, KernelType.Int);
            }
        }

        return size ?? Nothing();
    }

    private Expression? LaunchProperty(IPropertySymbol property)
    {
        string name = property.Name;
        int axis = name.Length > 0 ? name[name.Length - 1] - 'X' : -1;
        switch (property.FullName())
        {
            case "Thor.Kernels.Dialect.Grid.GlobalIndex":
                if (_kernel.Types.Value(property.Type, _method.DeclaringSyntaxReferences[0].GetSyntax()) is not StructType index)
                {
                    return null;
                }

                return new StructValue(new[] { GlobalIndex(0), GlobalIndex(1), GlobalIndex(2) }, index);
            case "Thor.Kernels.Dialect.Grid.IdxX" or "Thor.Kernels.Dialect.Grid.IdxY" or "Thor.Kernels.Dialect.Grid.IdxZ":
                return new LaunchIndex(LaunchValue.GroupIndex, axis);
            case "Thor.Kernels.Dialect.Grid.DimX" or "Thor.Kernels.Dialect.Grid.DimY" or "Thor.Kernels.Dialect.Grid.DimZ":
                return new LaunchIndex(LaunchValue.GroupCount, axis);
            case "Thor.Kernels.Dialect.Group.IdxX" or "Thor.Kernels.Dialect.Group.IdxY" or "Thor.Kernels.Dialect.Group.IdxZ":
                return new LaunchIndex(LaunchValue.ThreadIndex, axis);
            case "Thor.Kernels.Dialect.Group.DimX" or "Thor.Kernels.Dialect.Group.DimY" or "Thor.Kernels.Dialect.Group.DimZ":
                return new LaunchIndex(LaunchValue.ThreadCount, axis);
            case "Thor.Kernels.Dialect.Group.LinearIndex":
                return LinearIndex();
            case "Thor.Kernels.Dialect.Group.IsFirstThread":
                return new Binary(BinaryOperator.Equal, LinearIndex(), new Literal(KernelType.Int, 0), KernelType.Bool);
            case "Thor.Kernels.Dialect.Warp.LaneIdx":
                return new Binary(BinaryOperator.Remainder, LinearIndex(), new Literal(KernelType.Int, WarpSize), KernelType.Int);
            case "Thor.Kernels.Dialect.Warp.WarpIdx":
                return new Binary(BinaryOperator.Divide, LinearIndex(), new Literal(KernelType.Int, WarpSize), KernelType.Int);
            default:
                return null;
        }
    }

    private static Expression GlobalIndex(int axis) => new Binary(
        BinaryOperator.Add,
        new Binary(BinaryOperator.Multiply, new LaunchIndex(LaunchValue.GroupIndex, axis), new LaunchIndex(LaunchValue.ThreadCount, axis), KernelType.Int),
        new LaunchIndex(LaunchValue.ThreadIndex, axis),
        KernelType.Int);

    private static Expression LinearIndex() => new IntrinsicCall(Intrinsic.GroupLinearIndex, System.Array.Empty<Expression>(), KernelType.Int);
}
