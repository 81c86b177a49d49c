using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.TileSize;

/// <summary>
/// Gathers the whole factors A and G of all dense and convolution layers of a model, on the host. Looks while it is
/// told to capture, until it is disposed.
/// </summary>
internal sealed class FactorObserver : ICurvatureObserver, IDisposable
{
    private readonly Dictionary<ICurvatureLayer, string> _names = [];
    private readonly List<(FactorSum Sum, double Scale, double Positions)> _factors = [];
    private readonly Dictionary<(ICurvatureLayer Layer, int Group), (FactorSum Input, FactorSum Output)> _sums = [];

    /// <exception cref="ArgumentException">The model has no dense or convolution layer.</exception>
    public FactorObserver(Module model)
    {
        foreach ((string path, Module module) in model.Modules())
        {
            if (module is Linear or Conv2d)
            {
                ICurvatureLayer layer = (ICurvatureLayer)module; // both are
                layer.Observer = this;
                _names.Add(layer, path);
            }
        }

        if (_names.Count == 0)
        {
            throw new ArgumentException("The model has neither dense nor convolution layers, so it has no factors to cut.", nameof(model));
        }
    }

    /// <inheritdoc/>
    public bool IsCapturing { get; set; }

    /// <inheritdoc/>
    public void Observe(ICurvatureLayer layer, Variable input, Variable output) => output.OnGradient(gradient =>
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = input.Value.Contiguous().To(Device.Host);
        Tensor d = gradient.Contiguous().To(Device.Host);
        if (layer is Conv2d convolution)
        {
            AddImages(convolution, x, d);
        }
        else
        {
            (FactorSum a, FactorSum g) = Pair(layer, 0, x.Shape[-1], d.Shape[-1], x.Shape[0], 1);
            a.Add(x.Reshape(-1, x.Shape[-1]));
            g.Add(d.Reshape(-1, d.Shape[-1]));
        }
    });

    /// <summary>The factors that were observed, A before G.</summary>
    /// <param name="lambda">Damping of the products.</param>
    public IReadOnlyList<WholeFactor> Factors(double lambda) =>
        [.. _factors.Select(factor => factor.Sum.Finish(factor.Scale, lambda, factor.Positions))];

    public void Dispose()
    {
        foreach (ICurvatureLayer layer in _names.Keys)
        {
            layer.Observer = null;
        }

        foreach ((FactorSum sum, _, _) in _factors)
        {
            sum.Dispose();
        }
    }

    private void AddImages(Conv2d layer, Tensor x, Tensor d)
    {
        Shape kernel = layer.Weight.Shape;
        Convolution2d geometry = layer.Geometry;
        Convolution2d pixels = new(Groups: geometry.Groups);
        float[] images = x.ToArray<float>();
        float[] gradients = d.ToArray<float>();
        for (int group = 0; group < geometry.Groups; group++)
        {
            TilePatches inputs = new(x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], kernel[2], kernel[3], geometry, group);
            TilePatches outputs = new(d.Shape[0], d.Shape[1], d.Shape[2], d.Shape[3], 1, 1, pixels, group);
            (FactorSum a, FactorSum g) = Pair(layer, group, inputs.Columns, outputs.Columns, x.Shape[0], inputs.Positions);
            PatchRows.ForEachChunk(images, inputs, a.Add);
            PatchRows.ForEachChunk(gradients, outputs, g.Add);
        }
    }

    /// <summary>The sums of a layer, or of one group of a convolution.</summary>
    private (FactorSum Input, FactorSum Output) Pair(ICurvatureLayer layer, int group, int inputs, int outputs, double batch, double positions)
    {
        if (!_sums.TryGetValue((layer, group), out (FactorSum Input, FactorSum Output) pair))
        {
            string suffix = layer is Conv2d { Geometry.Groups: > 1 } ? $"{group}" : string.Empty;
            pair = (new FactorSum($"{_names[layer]}.A{suffix}", inputs), new FactorSum($"{_names[layer]}.G{suffix}", outputs));
            _sums.Add((layer, group), pair);

            // A mean over the batch has divided every sample's gradient by its size.
            _factors.Add((pair.Input, 1, positions));
            _factors.Add((pair.Output, batch * batch, positions));
        }

        return pair;
    }
}
