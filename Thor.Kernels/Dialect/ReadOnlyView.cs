using System.Runtime.CompilerServices;

namespace Thor.Kernels.Dialect;

/// <summary>
/// A range of elements that no thread of the launch writes, through any view: compilers may load it through caches for constants.
/// An addition to ILGPU's model. What a kernel may overwrite in place it must take as <see cref="ArrayView{T}"/>.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
public readonly struct ReadOnlyView<T>
    where T : unmanaged
{
    private readonly ArrayView<T> _view;

    /// <summary>The elements of a view, to be read only.</summary>
    public ReadOnlyView(ArrayView<T> view)
    {
        _view = view;
    }

    /// <summary>Number of elements.</summary>
    public long Length => _view.Length;

    /// <summary>Number of elements as an int.</summary>
    public int IntLength => _view.IntLength;

    /// <summary>True unless the view was never set.</summary>
    public bool IsValid => _view.IsValid;

    /// <summary>The view itself. For the host, not for kernels.</summary>
    public ArrayView<T> View => _view;

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
    public ReadOnlyView<T> SubView(long index) => new(_view.SubView(index));

    /// <summary>A range of the elements.</summary>
    public ReadOnlyView<T> SubView(long index, long length) => new(_view.SubView(index, length));

    /// <summary>The same bytes as elements of another type; the length is what fits.</summary>
    public ReadOnlyView<TOther> Cast<TOther>()
        where TOther : unmanaged => new(_view.Cast<TOther>());
}
