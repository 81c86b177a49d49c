namespace Thor.Engine.Datasets;

/// <summary>The outlines of the glyph classes: strokes as cubic Bézier curves in the square from -1 to 1, y downward. Neighbours in the list resemble each other.</summary>
internal static class GlyphShapes
{
    /// <summary>Numbers in a stroke: four control points, x and y.</summary>
    public const int StrokeLength = 8;

    private const float Half = 0.5523f; // A quarter circle as a Bézier curve has its inner control points this far along the tangents.
    private const float Diagonal = 0.70711f;

    /// <summary>What the classes are called.</summary>
    public static readonly string[] Names =
        ["hook", "crook", "fork", "tee", "cup", "bowl", "zig", "swirl", "gate", "slash", "arrow", "trident"];

    /// <summary>The strokes of each class, one after the other.</summary>
    public static readonly float[][] Strokes =
    [
        [.. Line(0.25f, -1, 0.25f, 0.45f), 0.25f, 0.45f, 0.25f, 1.1f, -0.65f, 1.1f, -0.65f, 0.4f],
        [.. Line(-0.25f, -1, -0.25f, 0.45f), -0.25f, 0.45f, -0.25f, 1.1f, 0.65f, 1.1f, 0.65f, 0.4f],
        [.. Line(-0.7f, -0.95f, 0, 0), .. Line(0.7f, -0.95f, 0, 0), .. Line(0, 0, 0, 1)],
        [.. Line(-0.85f, -0.7f, 0, -0.5f), .. Line(0.85f, -0.7f, 0, -0.5f), .. Line(0, -0.5f, 0, 1)],
        OpenRing(1, 0),
        OpenRing(0.34202f, -0.93969f),
        [.. Line(-0.7f, -0.8f, 0.7f, -0.8f), .. Line(0.7f, -0.8f, -0.7f, 0.8f), .. Line(-0.7f, 0.8f, 0.7f, 0.8f)],
        [-0.7f, -0.7f, 0.8f, -1.2f, 1, -0.3f, 0, 0, 0, 0, -1, 0.3f, -0.8f, 1.2f, 0.7f, 0.7f],
        [.. Line(-0.6f, -0.9f, -0.6f, 0.9f), .. Line(0.6f, -0.9f, 0.6f, 0.9f), .. Line(-0.6f, 0, 0.6f, 0)],
        [.. Line(-0.6f, -0.9f, -0.6f, 0.9f), .. Line(0.6f, -0.9f, 0.6f, 0.9f), .. Line(-0.6f, -0.6f, 0.6f, 0.6f)],
        [.. Line(0, -0.9f, 0, 1), .. Line(-0.65f, -0.15f, 0, -0.9f), .. Line(0.65f, -0.15f, 0, -0.9f)],
        [.. Line(0, -0.9f, 0, 1), .. Line(-0.65f, -0.9f, 0, -0.15f), .. Line(0.65f, -0.9f, 0, -0.15f)],
    ];

    private static float[] Line(float x0, float y0, float x1, float y1)
    {
        float dx = (x1 - x0) / 3;
        float dy = (y1 - y0) / 3;
        return [x0, y0, x0 + dx, y0 + dy, x1 - dx, y1 - dy, x1, y1];
    }

    /// <summary>Three quarters of a circle, open toward a direction of length 1.</summary>
    private static float[] OpenRing(float directionX, float directionY)
    {
        const float Radius = 0.85f;
        float[] ring = new float[3 * StrokeLength];
        float x = Diagonal;
        float y = Diagonal;
        for (int quarter = 0; quarter < 3; quarter++)
        {
            // From (x, y) a quarter turn to (-y, x); the tangents there are (-y, x) and (-x, -y).
            ReadOnlySpan<float> points = [x, y, x - (Half * y), y + (Half * x), -y + (Half * x), x + (Half * y), -y, x];
            for (int i = 0; i < StrokeLength; i += 2)
            {
                int at = (quarter * StrokeLength) + i;
                ring[at] = Radius * ((directionX * points[i]) - (directionY * points[i + 1]));
                ring[at + 1] = Radius * ((directionY * points[i]) + (directionX * points[i + 1]));
            }

            (x, y) = (-y, x);
        }

        return ring;
    }
}
