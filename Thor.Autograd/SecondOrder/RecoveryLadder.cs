using System.Globalization;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// What happens to a tile that cannot be inverted or is hopelessly conditioned: it climbs alone, rung by rung of <see cref="RecoveryRung"/>, and all
/// other tiles keep their bits. The text form is <c>no-wait</c>, <c>full</c>, <c>keep-last</c> or <c>RETRIES:FACTOR</c>.
/// </summary>
/// <remarks>
/// More damping is tried on the device, inside the inversion. The host climbs further at once, an accelerator's tile, where its status is read at all, at the beginning
/// of the step after the refresh (or when a delayed refresh takes effect); until then it keeps what it had.
/// If the step after the refresh is an opportunity too, statistics are overwritten by then, and the tile keeps its last good inverse, or the identity.
/// </remarks>
public sealed record RecoveryLadder
{
    /// <summary>A ladder.</summary>
    /// <param name="retries">Attempts with more damping, 0 to 16.</param>
    /// <param name="factor">By what each damps more than the last, above 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public RecoveryLadder(int retries, double factor)
    {
        if (retries is < 0 or > TileRetry.MaximumRetries || !(factor > 1 && double.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(retries), retries, $"A ladder needs 0 to {TileRetry.MaximumRetries} retries and a factor above 1, got {retries} and {factor}.");
        }

        (Retries, Factor, Climbs, Waits) = (retries, factor, true, true);
    }

    private RecoveryLadder()
    {
        Factor = 1;
    }

    /// <summary>
    /// Three attempts, each with ten times the damping, then the other rungs on the host; on accelerators the last good inverse, or the identity, because
    /// the other rungs need the status of tiles, for which a step would wait.
    /// </summary>
    public static RecoveryLadder NoWait { get; } = new(3, 10) { Waits = false };

    /// <summary>Three attempts, each with ten times the damping, then the other rungs, on every device; accelerators read the status of tiles once a refresh.</summary>
    public static RecoveryLadder Full { get; } = new(3, 10);

    /// <summary>No rungs: the tile keeps its last good inverse, or the identity, and the status of tiles is read only where somebody asks for it.</summary>
    public static RecoveryLadder KeepLast { get; } = new();

    /// <summary>Attempts with more damping.</summary>
    public int Retries { get; }

    /// <summary>By what each damps more than the last.</summary>
    public double Factor { get; }

    /// <summary>Whether there are rungs at all.</summary>
    public bool Climbs { get; }

    /// <summary>Whether the step after a refresh may wait for the status of its tiles.</summary>
    public bool Waits { get; private init; }

    /// <summary>The attempts of an inversion, where there is damping that could grow.</summary>
    internal TileRetry Retry => Climbs && Retries > 0 ? new TileRetry(Retries, Factor) : default;

    /// <summary>Whether tiles on a device climb beyond the attempts that are made there.</summary>
    internal bool ClimbsOn(Device device) => Climbs && (Waits || device.IsHost);

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static RecoveryLadder Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (RecoveryLadder named in (ReadOnlySpan<RecoveryLadder>)[NoWait, Full, KeepLast])
        {
            if (text == named.ToString())
            {
                return named;
            }
        }

        string[] parts = text.Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int retries)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double factor)
            && retries <= TileRetry.MaximumRetries && factor > 1 && double.IsFinite(factor)
            ? new RecoveryLadder(retries, factor)
            : throw new FormatException($"'{text}' is not a recovery ladder; expected no-wait, full, keep-last or RETRIES:FACTOR, with at most {TileRetry.MaximumRetries} retries and a factor above 1.");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        !Climbs ? "keep-last" : !Waits ? "no-wait" : this == Full ? "full" : string.Create(CultureInfo.InvariantCulture, $"{Retries}:{Factor:R}");
}
