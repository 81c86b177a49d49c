using Thor.Kernels.Host;

namespace Thor.Engine.Datasets;

/// <summary>The random numbers of one glyph: words of the Philox stream of the seed, at counters that belong to this image alone.</summary>
internal struct GlyphRandom
{
    private readonly ulong _seed;
    private readonly ulong _image;
    private ulong _block;
    private int _used;
    private (uint W0, uint W1, uint W2, uint W3) _words;

    public GlyphRandom(ulong seed, ulong image)
    {
        _seed = seed;

        // The upper half of the counter is 0 in ordinary streams.
        _image = image + 1;
        _used = 4;
    }

    /// <summary>32 random bits.</summary>
    public uint Word()
    {
        if (_used == 4)
        {
            _words = Philox.Block(_seed, _block++, _image);
            _used = 0;
        }

        return _used++ switch
        {
            0 => _words.W0,
            1 => _words.W1,
            2 => _words.W2,
            _ => _words.W3,
        };
    }

    /// <summary>A number in [low, high).</summary>
    public float Between(float low, float high) => low + ((high - low) * Philox.ToUniform(Word()));

    /// <summary>A number in (-size, size).</summary>
    public float Around(float size) => Between(-size, size);

    /// <summary>True with a probability.</summary>
    public bool Chance(float probability) => Philox.ToUniform(Word()) < probability;

    /// <summary>A number with mean 0 and deviation 1, in (-3.5, 3.5): the sum of four random bytes, close to normal.</summary>
    public float Noise()
    {
        const float Deviation = 147.801f; // Of the sum of four uniform bytes.
        uint word = Word();
        return ((word & 255) + ((word >> 8) & 255) + ((word >> 16) & 255) + (word >> 24) - 510f) / Deviation;
    }
}
