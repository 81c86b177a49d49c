using Thor.Engine.RandomNumbers;

namespace Thor.Engine.Datasets;

/// <summary>Windows of a text. Inputs and labels are Int32 ids (length).</summary>
/// <remarks>
/// Training windows begin anywhere, newly drawn in every epoch. Test windows follow one another, and what is masked in them depends on the
/// seed of the data set and the window alone.
/// </remarks>
internal sealed class TextPart : DatasetPart
{
    private const double MaskProbability = 0.15;

    private readonly int[] _ids;
    private readonly int _characters;
    private readonly TextObjective _objective;
    private readonly ulong? _fixedSeed;

    /// <summary>Windows of a length over ids; with a fixed seed they lie side by side and stay the same.</summary>
    public TextPart(int[] ids, int length, int characters, TextObjective objective, ulong? fixedSeed)
        : base(
            (ids.Length - Extra(objective)) / length,
            [length],
            DType.Int32,
            [length],
            DType.Int32,
            characters + (objective == TextObjective.MaskedCharacters ? 1 : 0))
    {
        _ids = ids;
        _characters = characters;
        _objective = objective;
        _fixedSeed = fixedSeed;
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<int> samples, in SampleDraw draw, Tensor inputs, Tensor labels)
    {
        int length = InputShape[0];
        Span<int> shown = inputs.AsSpan<int>();
        Span<int> wanted = labels.AsSpan<int>();
        for (int i = 0; i < samples.Length; i++)
        {
            RandomStream random = _fixedSeed is ulong seed ? new SampleDraw(seed, 0).Stream(samples[i]) : draw.Stream(samples[i]);
            int start = _fixedSeed is null ? random.NextInt(_ids.Length - length - Extra(_objective) + 1) : samples[i] * length;
            Span<int> input = shown.Slice(i * length, length);
            Span<int> label = wanted.Slice(i * length, length);
            _ids.AsSpan(start, length).CopyTo(input);
            if (_objective == TextObjective.NextCharacter)
            {
                _ids.AsSpan(start + 1, length).CopyTo(label);
            }
            else
            {
                Mask(input, label, random);
            }
        }
    }

    private static int Extra(TextObjective objective) => objective == TextObjective.NextCharacter ? 1 : 0;

    private void Mask(Span<int> input, Span<int> label, RandomStream random)
    {
        label.Fill(DataLoader.NoLabel);

        // One position is always chosen: a sample without labels has no loss.
        int always = random.NextInt(input.Length);
        for (int i = 0; i < input.Length; i++)
        {
            if (random.NextDouble() >= MaskProbability && i != always)
            {
                continue;
            }

            label[i] = input[i];
            double kind = random.NextDouble();
            input[i] = kind < 0.8 ? _characters : kind < 0.9 ? random.NextInt(_characters) : input[i];
        }
    }
}
