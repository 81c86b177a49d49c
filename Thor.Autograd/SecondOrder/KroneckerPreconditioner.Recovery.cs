using Thor.Engine;
using Thor.Kernels.Host;

namespace Thor.Autograd.SecondOrder;

/// <content>What is left to do after a refresh: tiles that failed climb, and inverses that were computed beside the training take effect.</content>
public sealed partial class KroneckerPreconditioner
{
    private readonly long[] _recoveries = new long[Enum.GetValues<RecoveryRung>().Length];
    private InversionWork? _work;
    private long _settleAt;
    private long _switchAt = -1;
    private bool _statisticsStay;

    /// <summary>How many tiles came to stand on a rung so far. Those of a refresh count when they have climbed; where the ladder does not wait for an accelerator, only its reports know.</summary>
    public long Recoveries(RecoveryRung rung) => _recoveries[(int)rung];

    /// <summary>Submits the inversion of tiles.</summary>
    /// <param name="tiles">At least one.</param>
    /// <param name="delayed">Whether training goes on with the inverses that are held until the delay is over.</param>
    private InversionWork Invert(List<(KroneckerFactor Factor, int Tile)> tiles, bool delayed)
    {
        if (delayed)
        {
            _spare!.CopyFrom(_inverses!); // allocated with a delay; there are tiles, so there is memory
        }

        _work = new InversionWork(StepCount, tiles, _factors!, delayed ? _spare! : _inverses!, Options.Recovery.Retry, delayed, IsExact ? (slots, status) => Decompose(tiles, slots, status) : null);
        _switchAt = delayed ? StepCount + Options.RefreshDelay : -1;
        bool atOnce = !delayed && _factors!.Device.IsHost;
        _settleAt = delayed ? _switchAt : atOnce ? StepCount : StepCount + 1;
        _statisticsStay = true;
        for (long step = StepCount + 1; step <= _settleAt; step++)
        {
            _statisticsStay &= !Options.Refresh.IsDue(step);
        }

        InversionWork work = _work;
        FinishRefresh();
        return work;
    }

    /// <summary>Does what an earlier refresh has left for this step.</summary>
    private void FinishRefresh()
    {
        if (StepCount >= _settleAt)
        {
            Settle();
        }

        if (_switchAt >= 0 && StepCount >= _switchAt)
        {
            Switch();
        }
    }

    /// <summary>Gives up inverses that were to take effect later: others have been put in place.</summary>
    internal void KeepHeld() => _switchAt = -1;

    /// <summary>Another refresh comes before the last one is done with: it takes effect now.</summary>
    private void CutShort()
    {
        Settle();
        if (_switchAt >= 0)
        {
            Switch();
        }
    }

    /// <summary>The inverses of a delayed refresh take the place of those that are held.</summary>
    private void Switch()
    {
        _inverses!.CopyFrom(_spare!); // a refresh was delayed, so there are both
        _switchAt = -1;
    }

    /// <summary>Waits for the inversion that is under way and lets tiles that failed climb. Comes to the same whenever it is called.</summary>
    internal void Settle()
    {
        if (_work is not InversionWork work)
        {
            return;
        }

        _work = null;
        work.Join();
        bool[] fails = new bool[work.Count];
        bool climbs = Options.Recovery.ClimbsOn(_factors!.Device); // there was work, so there is memory
        for (int i = 0; climbs && i < work.Failures.Count; i++)
        {
            int index = work.FailedTiles[i];
            (KroneckerFactor factor, int tile) = work.Tiles[index];
            RecoveryRung rung = Climb(factor, tile, work.Failures[i].Status, work.Destination);
            work.Stand(i, rung);
            _recoveries[(int)rung]++;
            factor.SetInverse(tile, rung <= RecoveryRung.LastGood);
            fails[index] = true;
        }

        for (int i = 0; i < fails.Length; i++)
        {
            if (!fails[i])
            {
                work.Tiles[i].Factor.SetInverse(work.Tiles[i].Tile, true);
            }
        }
    }

    /// <summary>Finds the rung that holds a tile and writes what it stands on.</summary>
    private RecoveryRung Climb(KroneckerFactor factor, int tile, int status, Tensor destination)
    {
        if (status == 0)
        {
            return RecoveryRung.MoreDamping;
        }

        if (IsExact)
        {
            // The basis is what it was: the axes, with curvature 1 along each, before the first good one.
            return factor.HasInverse(tile) ? RecoveryRung.LastGood : RecoveryRung.Identity;
        }

        Tensor target = factor.Tile(destination == _spare ? factor.Coming! : factor.Inverse, tile); // bound with the spare
        Tensor? statistics = _statisticsStay ? factor.Tile(factor.Tiles, tile).To(Device.Host).Cast(DType.Float64) : null;
        if (statistics is not null && status != TileInverse.NotFinite && target.DType == DType.Float32
            && InFloat64(statistics, factor.Damping) is Tensor inverse)
        {
            target.CopyFrom(inverse.To(target.Device));
            return RecoveryRung.Float64;
        }

        if (factor.HasInverse(tile))
        {
            return RecoveryRung.LastGood;
        }

        double[] diagonal = new double[target.Shape[0]];
        bool holds = statistics is not null;
        for (int i = 0; i < diagonal.Length; i++)
        {
            diagonal[i] = statistics is null ? 1 : 1 / (statistics.AsSpan<double>()[i * (diagonal.Length + 1)] + factor.Damping);
            holds &= diagonal[i] > 0 && float.IsFinite((float)diagonal[i]);
        }

        if (!holds)
        {
            Array.Fill(diagonal, 1);
        }

        double[] matrix = new double[diagonal.Length * diagonal.Length];
        for (int i = 0; i < diagonal.Length; i++)
        {
            matrix[i * (diagonal.Length + 1)] = diagonal[i];
        }

        target.CopyFrom(Tensor.From(matrix, target.Shape).Cast(target.DType).To(target.Device));
        return holds ? RecoveryRung.Diagonal : RecoveryRung.Identity;
    }

    /// <summary>The damped inverse as Float32, computed in Float64; null where that fails too or does not fit.</summary>
    private static Tensor? InFloat64(Tensor statistics, double damping)
    {
        int n = statistics.Shape[0];
        (Tensor inverses, int[] status) = Tiles.Invert(statistics.Reshape(1, n, n), damping);
        Tensor inverse = inverses.Reshape(n, n).Cast(DType.Float32);
        return status[0] == 0 && Array.TrueForAll(inverse.ToArray<float>(), float.IsFinite) ? inverse : null;
    }
}
