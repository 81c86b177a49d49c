using System.CommandLine;
using Thor.Autograd.Models;
using Thor.Bench.Runs;

namespace Thor.Bench.Commands;

/// <summary>The options that `train` and `compare` share.</summary>
internal sealed class RunOptions
{
    private readonly Option<string?> _model = new("--model") { Description = $"{string.Join(", ", ModelRegistry.Names)} (default lenet)." };
    private readonly Option<string?> _data = new("--data") { Description = "glyphs (embedded), mnist, fashion-mnist, cifar-10, digits or text (default glyphs)." };
    private readonly Option<string?> _dataFolder = new("--data-dir") { Description = "Folder with the data set's files; for text also the file itself. Default: the data set's folder below THOR_DATA." };
    private readonly Option<int?> _sequenceLength = new("--sequence-length") { Description = "Characters in a window of text (default 128)." };
    private readonly Option<string?> _device = new("--device") { Description = "host, or another device that `thor devices` lists (default host)." };
    private readonly Option<double?> _epochs = new("--epochs") { Description = "Passes over the training data." };
    private readonly Option<long?> _steps = new("--steps") { Description = "Number of updates; takes precedence over --epochs." };
    private readonly Option<int?> _batchSize = new("--batch-size") { Description = "Samples in a batch (default 128)." };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Seed of initial weights, batch order and drawn data (default 1)." };
    private readonly Option<double?> _targetAccuracy = new("--target-accuracy") { Description = "Test accuracy in (0, 1) that counts as reached." };
    private readonly Option<double?> _targetLoss = new("--target-loss") { Description = "Test loss that counts as reached." };
    private readonly Option<int?> _evaluateEvery = new("--evaluate-every") { Description = "Updates between evaluations on the test data (default 25)." };
    private readonly Option<int?> _checkpointEvery = new("--checkpoint-every") { Description = "Updates between checkpoints, with --out (default 500)." };
    private readonly Option<double?> _labelSmoothing = new("--label-smoothing") { Description = "Label smoothing of the training loss, in [0, 1)." };
    private readonly Option<int?> _threads = new("--threads") { Description = "Threads of the host (default: all cores)." };
    private readonly Option<string?> _precision = new("--precision") { Description = "float32, or on tensor cores tensorfloat32 or bfloat16: what the operands of products are rounded to (default float32)." };
    private readonly Option<string?> _covariance = new("--covariance-precision") { Description = "The same for the covariance of tiles, in second-order optimizers (default float32)." };
    private readonly Option<bool?> _record = new("--record-steps") { Description = "Record forward and backward passes once and replay them, where the device can (CUDA graphs)." };
    private readonly Option<string?> _out = new("--out") { Description = "Folder for checkpoint, log, result and report; made if absent." };
    private readonly Option<string?> _json = new("--json") { Description = "File for the result in JSON." };

    public IEnumerable<Option> All =>
    [
        _model, _data, _dataFolder, _sequenceLength, _device, _epochs, _steps, _batchSize, _seed, _targetAccuracy, _targetLoss,
        _evaluateEvery, _checkpointEvery, _labelSmoothing, _threads, _precision, _covariance, _record, _out, _json,
    ];

    /// <summary>The settings that were given, on top of others.</summary>
    public RunSettings Read(ParseResult parsed, RunSettings defaults) => defaults with
    {
        Model = parsed.GetValue(_model) ?? defaults.Model,
        Data = parsed.GetValue(_data) ?? defaults.Data,
        DataFolder = parsed.GetValue(_dataFolder) ?? defaults.DataFolder,
        SequenceLength = parsed.GetValue(_sequenceLength) ?? defaults.SequenceLength,
        Device = parsed.GetValue(_device) ?? defaults.Device,
        Epochs = parsed.GetValue(_steps) is null ? parsed.GetValue(_epochs) ?? defaults.Epochs : null,
        Steps = parsed.GetValue(_epochs) is not null && parsed.GetValue(_steps) is null ? null : parsed.GetValue(_steps) ?? defaults.Steps,
        BatchSize = parsed.GetValue(_batchSize) ?? defaults.BatchSize,
        Seed = parsed.GetValue(_seed) ?? defaults.Seed,
        TargetAccuracy = parsed.GetValue(_targetAccuracy) ?? defaults.TargetAccuracy,
        TargetLoss = parsed.GetValue(_targetLoss) ?? defaults.TargetLoss,
        EvaluateEvery = parsed.GetValue(_evaluateEvery) ?? defaults.EvaluateEvery,
        CheckpointEvery = parsed.GetValue(_checkpointEvery) ?? defaults.CheckpointEvery,
        LabelSmoothing = parsed.GetValue(_labelSmoothing) ?? defaults.LabelSmoothing,
        Threads = parsed.GetValue(_threads) ?? defaults.Threads,
        Precision = parsed.GetValue(_precision) ?? defaults.Precision,
        CovariancePrecision = parsed.GetValue(_covariance) ?? defaults.CovariancePrecision,
        RecordSteps = parsed.GetValue(_record) ?? defaults.RecordSteps,
        Folder = parsed.GetValue(_out) ?? defaults.Folder,
        Json = parsed.GetValue(_json) ?? defaults.Json,
    };
}
