using System.Linq.Expressions;
using System.Reflection;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>Arguments of kernels, from the dialect's types to ILGPU's. Structures and numbers are the same on both sides.</summary>
internal static class IlgpuArguments
{
    /// <summary>An expression of the type that ILGPU's launcher takes.</summary>
    public static Expression Convert(Expression argument, Type target)
    {
        if (argument.Type == target)
        {
            return argument;
        }

        MethodInfo convert = typeof(IlgpuArguments).GetMethods(BindingFlags.Static | BindingFlags.Public).SingleOrDefault(method =>
            method.IsGenericMethodDefinition && argument.Type.IsGenericType
            && method.GetParameters()[0].ParameterType.GetGenericTypeDefinition() == argument.Type.GetGenericTypeDefinition())
            ?? throw new NotSupportedException($"An argument of type {argument.Type} has no counterpart for ILGPU's {target}.");
        return Expression.Call(convert.MakeGenericMethod(argument.Type.GetGenericArguments()), argument);
    }

    /// <summary>A view of the same elements.</summary>
    public static ArrayView<T> View<T>(Dialect.ArrayView<T> view)
        where T : unmanaged => view.Buffer is IlgpuBuffer buffer && view.Length > 0
        ? buffer.Block.AsRawArrayView(view.OffsetInBytes, view.LengthInBytes).Cast<T>()
        : ArrayView<T>.Empty;

    /// <summary>A view of the same elements, to be read only.</summary>
    public static ReadOnlyView<T> ReadOnly<T>(Dialect.ReadOnlyView<T> view)
        where T : unmanaged => new(View(view.View));

    /// <summary>The same value.</summary>
    public static SpecializedValue<T> Specialized<T>(Dialect.SpecializedValue<T> value)
        where T : unmanaged, IEquatable<T> => SpecializedValue.New(value.Value);
}
