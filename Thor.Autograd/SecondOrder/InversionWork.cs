using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>The inversion of the tiles of one refresh: submitted, perhaps still under way, and what came of it.</summary>
internal sealed class InversionWork
{
    private readonly long _step;
    private readonly IReadOnlyList<(KroneckerFactor Factor, int Tile)> _tiles;
    private readonly TileSlot[] _slots;
    private readonly Tensor _status;
    private readonly Tensor _damping;
    private readonly SideWork _side;
    private readonly bool[] _hadInverse;
    private TileFailure[]? _failures;

    /// <summary>Submits the inversion.</summary>
    /// <param name="step">The step of the refresh.</param>
    /// <param name="tiles">Which tiles, each with the damping of its factor.</param>
    /// <param name="factors">Where all statistics lie.</param>
    /// <param name="destination">Where inverses go; a tile that fails is left as it was.</param>
    /// <param name="retry">Attempts with more damping.</param>
    /// <param name="aside">Beside the queue, or in it.</param>
    /// <param name="decompose">What is done in the place of inverting: takes the tiles and their status, and leaves in the destination what a tile is to have.</param>
    public InversionWork(
        long step,
        IReadOnlyList<(KroneckerFactor Factor, int Tile)> tiles,
        Tensor factors,
        Tensor destination,
        TileRetry retry,
        bool aside,
        Action<TileSlot[], Tensor>? decompose = null)
    {
        _step = step;
        _tiles = tiles;
        _slots = [.. tiles.Select(static place => place.Factor.Slot(place.Tile))];
        _hadInverse = [.. tiles.Select(static place => place.Factor.HasInverse(place.Tile))];
        Destination = destination;
        Backend backend = factors.Device.Backend;
        _status = Tensor.Empty([_slots.Length], DType.Int32, factors.Device).Persist();
        _damping = Tensor.Empty([_slots.Length], factors.DType, factors.Device).Persist();

        // Without damping there is none that could grow.
        TileRetry attempts = Array.TrueForAll(_slots, static slot => slot.Damping > 0) ? retry : default;
        void Invert() => backend.TileInverse(factors, destination, _slots, _status, attempts, _damping);
        if (decompose is not null)
        {
            _damping.Fill(0);
            decompose(_slots, _status);
            _side = backend.Aside(static () => { });
            return;
        }

        if (!aside)
        {
            Invert();
        }

        _side = backend.Aside(aside ? Invert : static () => { });
    }

    /// <summary>Number of tiles.</summary>
    public int Count => _slots.Length;

    /// <summary>Where inverses go.</summary>
    public Tensor Destination { get; }

    /// <summary>The tiles, as they were given.</summary>
    public IReadOnlyList<(KroneckerFactor Factor, int Tile)> Tiles => _tiles;

    /// <summary>Tiles that could not be inverted as asked. Waits for the inversion the first time, but for nothing that was submitted after it.</summary>
    /// <exception cref="InvalidOperationException">They are forgotten.</exception>
    public IReadOnlyList<TileFailure> Failures => _failures ??= Read();

    /// <summary>Of each failure, the index of its tile.</summary>
    public IReadOnlyList<int> FailedTiles { get; private set; } = [];

    /// <summary>Everything submitted from now on comes after the inversion.</summary>
    public void Join() => _side.Join();

    /// <summary>Puts a failed tile on a rung.</summary>
    public void Stand(int failure, RecoveryRung rung) => _failures![failure] = _failures[failure] with { Rung = rung }; // failures were read to climb

    /// <summary>Gives the memory of the status back, whether it has been read or not.</summary>
    public void Forget()
    {
        _side.Dispose();
        _status.Dispose();
        _damping.Dispose();
    }

    private TileFailure[] Read()
    {
        if (_status.IsDisposed)
        {
            throw new InvalidOperationException(
                $"The failures of the refresh at step {_step} are forgotten: they must be asked for before the next refresh, for example when the preconditioner raises Refreshed.");
        }

        int[] status = _side.Read<int>(_status);
        double[] damping = _damping.DType == DType.Float64
            ? _side.Read<double>(_damping)
            : Array.ConvertAll(_side.Read<float>(_damping), static value => (double)value);
        List<TileFailure> failures = [];
        List<int> failed = [];
        for (int i = 0; i < status.Length; i++)
        {
            double asked = _damping.DType == DType.Float64 ? _slots[i].Damping : (float)_slots[i].Damping;
            bool retried = damping[i] != asked;
            if (status[i] != 0 || retried)
            {
                (KroneckerFactor factor, int tile) = _tiles[i];
                RecoveryRung rung = status[i] == 0 ? RecoveryRung.MoreDamping : _hadInverse[i] ? RecoveryRung.LastGood : RecoveryRung.Identity;
                failures.Add(new TileFailure(
                    factor.Layer, factor.Name, factor.Side, tile, status[i], retried ? damping[i] : _slots[i].Damping, rung));
                failed.Add(i);
            }
        }

        FailedTiles = failed;
        Forget();
        return [.. failures];
    }
}
