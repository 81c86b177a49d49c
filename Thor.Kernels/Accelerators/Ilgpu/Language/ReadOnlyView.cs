using System.Runtime.CompilerServices;

namespace Thor.Kernels.Accelerators.Ilgpu.Language;

/// <summary>A range of elements that no thread of the launch writes. ILGPU knows no such promise: it is a view like any other there.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <param name="view">The elements.</param>
public readonly struct ReadOnlyView<T>(ArrayView<T> view)
    where T : unmanaged
{
    private readonly ArrayView<T> _view = view;

    /// <summary>Number of elements.</summary>
    public long Length => _view.Length;

    /// <summary>Number of elements as an int.</summary>
    public int IntLength => _view.IntLength;

    /// <summary>True unless the view was never set.</summary>
    public bool IsValid => _view.IsValid;

    /// <summary>An element, by 32-bit address arithmetic.</summary>
    public ref readonly T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _view[index];
    }

    /// <summary>An element, by 64-bit address arithmetic.</summary>
    public ref readonly T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _view[index];
    }

    /// <summary>The elements of a view, to be read only.</summary>
    public static implicit operator ReadOnlyView<T>(ArrayView<T> view) => new(view);

    /// <summary>The elements from an index on.</summary>
    public ReadOnlyView<T> SubView(long index) => new(_view.SubView(index, _view.Length - index));

    /// <summary>A range of the elements.</summary>
    public ReadOnlyView<T> SubView(long index, long length) => new(_view.SubView(index, length));

    /// <summary>The same bytes as elements of another type; the length is what fits.</summary>
    public ReadOnlyView<TOther> Cast<TOther>()
        where TOther : unmanaged => new(_view.Cast<TOther>());
}
