using System.Buffers;
using System.Globalization;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Engine;

/// <summary>Names the machine a tensor lives on: "host", or a kind and an index such as "opencl:0". A value; opening happens on first use.</summary>
public readonly record struct Device
{
    private static readonly SearchValues<char> s_kindLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");

    private readonly string? _kind;

    private Device(string kind, int index)
    {
        _kind = kind;
        Index = index;
    }

    /// <summary>The processor and its memory, through vectorised C#.</summary>
    public static Device Host => default;

    /// <summary>The best device found on this machine.</summary>
    public static Device Default => BackendRegistry.Best;

    /// <summary>"host", "cpu", "opencl", "cuda", ...</summary>
    public string Kind => _kind ?? "host";

    /// <summary>Which device of its kind, from 0.</summary>
    public int Index { get; }

    /// <summary>True for <see cref="Host"/>.</summary>
    public bool IsHost => _kind is null;

    /// <summary>The primitives on this device.</summary>
    /// <exception cref="DeviceException">There is no such device; the message lists what there is.</exception>
    public Backend Backend => BackendRegistry.Get(this);

    /// <summary>Reads "host", "kind" or "kind:index".</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        string kind = parts[0];
        int index = 0;
        bool wellFormed = kind.Length > 0
            && kind.AsSpan().IndexOfAnyExcept(s_kindLetters) < 0
            && parts.Length <= 2
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!wellFormed)
        {
            throw new FormatException($"'{text}' does not name a device; expected 'host', or a kind and an index such as 'opencl:0'.");
        }

        if (kind == "host")
        {
            return index == 0 ? Host : throw new FormatException($"'{text}' does not name a device: there is one host.");
        }

        return new Device(kind, index);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => IsHost ? "host" : string.Create(CultureInfo.InvariantCulture, $"{Kind}:{Index}");
}
