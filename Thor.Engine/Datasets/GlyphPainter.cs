namespace Thor.Engine.Datasets;

/// <summary>
/// Draws glyphs: the strokes of a class are bent by a smooth random field, sheared, turned, scaled and moved, inked by the distance of each
/// pixel to the curve, and put on a sloping background with stray strokes, an occlusion and noise.
/// </summary>
/// <remarks>Only additions, multiplications, divisions and square roots, so that an image is the same on every machine. One painter for each thread.</remarks>
internal sealed class GlyphPainter
{
    /// <summary>Pixels of a row and of a column.</summary>
    public const int Size = 28;

    private const int Segments = 8;
    private const int FieldSize = 4;

    private readonly float[] _ink = new float[Size * Size];
    private readonly float[] _field = new float[FieldSize * FieldSize * 2];
    private readonly float[] _stroke = new float[GlyphShapes.StrokeLength];
    private float _xx;
    private float _xy;
    private float _yx;
    private float _yy;
    private float _x;
    private float _y;

    /// <summary>Draws one image.</summary>
    public void Paint(int glyph, GlyphRandom random, Span<byte> pixels)
    {
        Array.Clear(_ink);
        Place(ref random);
        float radius = random.Between(0.55f, 1.5f);
        float taper = random.Around(0.3f);
        ReadOnlySpan<float> strokes = GlyphShapes.Strokes[glyph];
        for (int i = 0; i < strokes.Length; i += GlyphShapes.StrokeLength)
        {
            for (int j = 0; j < GlyphShapes.StrokeLength; j++)
            {
                _stroke[j] = strokes[i + j] + random.Around(0.05f);
            }

            Draw(radius * (1 + taper), radius * (1 - taper), 1, bent: true);
        }

        Occlude(ref random);
        Stray(ref random, radius);
        Expose(ref random, pixels);
    }

    /// <summary>Chooses how the glyph lies and how it is bent.</summary>
    private void Place(ref GlyphRandom random)
    {
        for (int i = 0; i < _field.Length; i++)
        {
            _field[i] = random.Around(0.18f);
        }

        // A turn by twice the angle whose tangent is t.
        float t = random.Around(0.2f);
        float cosine = (1 - (t * t)) / (1 + (t * t));
        float sine = 2 * t / (1 + (t * t));
        float aspect = random.Between(0.8f, 1.25f);
        float size = random.Between(7, 10);
        float width = size * aspect;
        float height = size / aspect;
        float shear = random.Around(0.3f);
        _xx = cosine * width;
        _xy = ((cosine * shear) - sine) * height;
        _yx = sine * width;
        _yy = ((sine * shear) + cosine) * height;
        float room = 13 - size;
        _x = (Size / 2f) + random.Around(room);
        _y = (Size / 2f) + random.Around(room);
    }

    /// <summary>Inks the current stroke with a radius that goes from one value to another.</summary>
    private void Draw(float firstRadius, float lastRadius, float strength, bool bent)
    {
        float x0 = 0;
        float y0 = 0;
        for (int i = 0; i <= Segments; i++)
        {
            float t = i / (float)Segments;
            (float x1, float y1) = Point(t);
            if (bent)
            {
                (x1, y1) = Bend(x1, y1);
                (x1, y1) = (_x + (_xx * x1) + (_xy * y1), _y + (_yx * x1) + (_yy * y1));
            }

            if (i > 0)
            {
                DrawSegment(x0, y0, x1, y1, firstRadius + ((lastRadius - firstRadius) * t), strength);
            }

            (x0, y0) = (x1, y1);
        }
    }

    private (float X, float Y) Point(float t)
    {
        float s = 1 - t;
        float a = s * s * s;
        float b = 3 * s * s * t;
        float c = 3 * s * t * t;
        float d = t * t * t;
        float[] p = _stroke;
        return ((a * p[0]) + (b * p[2]) + (c * p[4]) + (d * p[6]), (a * p[1]) + (b * p[3]) + (c * p[5]) + (d * p[7]));
    }

    /// <summary>Moves a point by the random field, interpolated smoothly between its grid points.</summary>
    private (float X, float Y) Bend(float x, float y)
    {
        float column = Math.Clamp((x + 1.3f) * ((FieldSize - 1) / 2.6f), 0, FieldSize - 1.001f);
        float row = Math.Clamp((y + 1.3f) * ((FieldSize - 1) / 2.6f), 0, FieldSize - 1.001f);
        int left = (int)column;
        int top = (int)row;
        float u = Smooth(column - left);
        float v = Smooth(row - top);
        int at = ((top * FieldSize) + left) * 2;
        return (x + Interpolate(at, u, v), y + Interpolate(at + 1, u, v));
    }

    private float Interpolate(int at, float u, float v)
    {
        float upper = _field[at] + (u * (_field[at + 2] - _field[at]));
        int below = at + (FieldSize * 2);
        float lower = _field[below] + (u * (_field[below + 2] - _field[below]));
        return upper + (v * (lower - upper));
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));

    /// <summary>Inks the pixels near a line between two points: fully inside the radius, fading over one pixel.</summary>
    private void DrawSegment(float x0, float y0, float x1, float y1, float radius, float strength)
    {
        float reach = radius + 0.5f;
        int left = Math.Max(0, (int)(Math.Min(x0, x1) - reach));
        int right = Math.Min(Size - 1, (int)(Math.Max(x0, x1) + reach));
        int top = Math.Max(0, (int)(Math.Min(y0, y1) - reach));
        int bottom = Math.Min(Size - 1, (int)(Math.Max(y0, y1) + reach));
        float dx = x1 - x0;
        float dy = y1 - y0;
        float scale = 1 / Math.Max(1e-6f, (dx * dx) + (dy * dy));
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float px = x + 0.5f - x0;
                float py = y + 0.5f - y0;
                float along = Math.Clamp(((px * dx) + (py * dy)) * scale, 0, 1);
                float ex = px - (along * dx);
                float ey = py - (along * dy);
                float square = (ex * ex) + (ey * ey);
                if (square < reach * reach)
                {
                    ref float ink = ref _ink[(y * Size) + x];
                    ink = Math.Max(ink, strength * Math.Min(1, reach - MathF.Sqrt(square)));
                }
            }
        }
    }

    /// <summary>Three images in ten lose most of their ink in a rectangle.</summary>
    private void Occlude(ref GlyphRandom random)
    {
        if (!random.Chance(0.3f))
        {
            return;
        }

        float remaining = random.Between(0, 0.3f);
        int width = (int)random.Between(3, 8);
        int height = (int)random.Between(3, 8);
        int left = (int)random.Between(3, Size - 3 - width);
        int top = (int)random.Between(3, Size - 3 - height);
        for (int y = top; y < top + height; y++)
        {
            for (int x = left; x < left + width; x++)
            {
                _ink[(y * Size) + x] *= remaining;
            }
        }
    }

    /// <summary>Up to two short strokes that mean nothing.</summary>
    private void Stray(ref GlyphRandom random, float radius)
    {
        int count = (int)random.Between(0, 3);
        for (int i = 0; i < count; i++)
        {
            float x = random.Between(1, Size - 1);
            float y = random.Between(1, Size - 1);
            for (int j = 0; j < GlyphShapes.StrokeLength; j += 2)
            {
                _stroke[j] = x;
                _stroke[j + 1] = y;
                x += random.Around(4);
                y += random.Around(4);
            }

            Draw(radius * 0.9f, radius * 0.9f, random.Between(0.4f, 1), bent: false);
        }
    }

    /// <summary>Turns ink into bytes.</summary>
    private void Expose(ref GlyphRandom random, Span<byte> pixels)
    {
        float contrast = random.Between(0.4f, 0.9f);
        float base0 = random.Between(0, 0.3f);
        float slopeX = random.Around(0.2f) / Size;
        float slopeY = random.Around(0.2f) / Size;
        float noise = random.Between(0.02f, 0.13f);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                int at = (y * Size) + x;
                float background = base0 + (slopeX * (x - (Size / 2))) + (slopeY * (y - (Size / 2)));
                float value = background + (contrast * _ink[at]) + (noise * random.Noise());
                pixels[at] = (byte)(Math.Clamp(value, 0, 1) * 255 + 0.5f);
            }
        }
    }
}
