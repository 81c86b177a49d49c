using System.Text.Json;
using System.Text.Json.Serialization;

namespace Thor.Autograd.Training;

/// <summary>Where a run stands beyond model and optimizer; travels in a checkpoint's metadata.</summary>
internal sealed record TrainerState(
    long Step,
    int Epoch,
    int Batch,
    double Seconds,
    double LossSum,
    long LossCount,
    IReadOnlyList<TrainingPoint> Curve)
{
    private const string Key = "trainer";

    public KeyValuePair<string, string> ToMetadata() =>
        KeyValuePair.Create(Key, JsonSerializer.Serialize(this, TrainerJson.Default.TrainerState));

    /// <exception cref="InvalidDataException">The metadata does not hold a state.</exception>
    public static TrainerState FromMetadata(IReadOnlyDictionary<string, string> metadata, string path)
    {
        TrainerState? state = null;
        if (metadata.TryGetValue(Key, out string? text))
        {
            try
            {
                state = JsonSerializer.Deserialize(text, TrainerJson.Default.TrainerState);
            }
            catch (JsonException exception)
            {
                throw new InvalidDataException($"{path}: the trainer's state is not valid JSON: {exception.Message}", exception);
            }
        }

        return state ?? throw new InvalidDataException($"{path} holds no trainer's state; it was not written by a run.");
    }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainerState))]
internal sealed partial class TrainerJson : JsonSerializerContext;
