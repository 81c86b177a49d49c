using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// Brings cache lines in while registers multiply, one for every row of a product: first those that a pair of tiles will be written to, then those
/// that the thread's next pair is read from.
/// </summary>
/// <remarks>
/// Tiles that do not lie in the caches cost a processor as much time in loads and stores as in arithmetic, if it asks for them when it needs them: it
/// guesses sequences, but neither eight rows at once nor columns. A pair of 128 is 4096 lines and passes 4272 rows in <see cref="TileStrip{TLanes, TVector, T}"/>.
/// </remarks>
internal unsafe struct TileAhead
{
    private const int LineBytes = 64;

    private readonly nint _bytes;
    private byte* _at;
    private byte* _end;
    private byte* _second;
    private byte* _third;
    private byte* _fourth;

    /// <summary>Four tiles, of which the later ones may be null.</summary>
    /// <param name="bytes">Size of each.</param>
    /// <param name="first">Fetched first.</param>
    /// <param name="second">Then.</param>
    /// <param name="third">Then.</param>
    /// <param name="fourth">At last.</param>
    public TileAhead(nint bytes, void* first, void* second, void* third, void* fourth)
    {
        _bytes = bytes;
        _at = (byte*)first;
        _end = _at + bytes;
        _second = (byte*)second;
        _third = (byte*)third;
        _fourth = (byte*)fourth;
    }

    /// <summary>Goes so many lines on.</summary>
    /// <param name="lines">How many.</param>
    /// <param name="idle">What may as well be fetched when all is done: something that the thread has at hand.</param>
    /// <returns>Where to start.</returns>
    public byte* Take(int lines, void* idle)
    {
        byte* at = _at;
        if (at == null)
        {
            return (byte*)idle;
        }

        _at += lines * LineBytes;
        if (_at >= _end)
        {
            _at = _second;
            _end = _at + _bytes;
            _second = _third;
            _third = _fourth;
            _fourth = null;
        }

        return at;
    }

    /// <summary>Asks for a line and goes on to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(ref byte* at)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(at);
            at += LineBytes;
        }
    }
}
