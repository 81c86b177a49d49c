using System.Numerics;
using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Rows by index, random numbers, optimizer updates.</content>
internal sealed unsafe partial class HostBackend
{
    public override void OneHot(Tensor ids, Tensor y)
    {
        Fill(y, 0);
        int classes = y.Shape.Extents[^1];
        int* id = Pointer<int>(ids);
        for (long i = 0; i < ids.Length; i++)
        {
            if ((uint)id[i] < (uint)classes)
            {
                long at = (i * classes) + id[i];
                switch (y.DType)
                {
                    case DType.Float32:
                        Pointer<float>(y)[at] = 1;
                        break;
                    case DType.Float64:
                        Pointer<double>(y)[at] = 1;
                        break;
                    default:
                        Pointer<int>(y)[at] = 1;
                        break;
                }
            }
        }
    }

    public override void Gather(Tensor table, Tensor ids, Tensor y)
    {
        RequireRows(ids, table);
        int* id = Pointer<int>(ids);
        for (int i = 0; i < ids.Length; i++)
        {
            Copy(table.Slice(0, id[i], 1), y.Slice(0, i, 1));
        }
    }

    public override void ScatterAdd(Tensor ids, Tensor x, Tensor table)
    {
        RequireRows(ids, table);
        int* id = Pointer<int>(ids);
        for (int i = 0; i < ids.Length; i++)
        {
            Tensor row = table.Slice(0, id[i], 1);
            Map(BinaryOperation.Add, row, x.Slice(0, i, 1), row);
        }
    }

    public override void Update(UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second)
    {
        if (parameter.DType == DType.Float32)
        {
            Update(rule, step, parameter.Length, Pointer<float>(parameter), Pointer<float>(gradient), Pointer<float>(first), second is null ? null : Pointer<float>(second));
        }
        else
        {
            Update(rule, step, parameter.Length, Pointer<double>(parameter), Pointer<double>(gradient), Pointer<double>(first), second is null ? null : Pointer<double>(second));
        }
    }

    private static void Update<T>(UpdateRule rule, in UpdateStep step, long n, T* parameter, T* gradient, T* first, T* second)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T rate = T.CreateTruncating(step.LearningRate);
        T scale = T.CreateTruncating(step.GradientScale);
        T beta1 = T.CreateTruncating(step.Beta1);
        T beta2 = T.CreateTruncating(step.Beta2);
        T epsilon = T.CreateTruncating(step.Epsilon);
        T enters = T.CreateTruncating(1 - step.Dampening);
        T coupled = T.CreateTruncating(step.DecoupledDecay ? 0 : step.WeightDecay);
        T shrink = T.CreateTruncating(step.DecoupledDecay ? 1 - (step.LearningRate * step.WeightDecay) : 1);
        T adamRate = T.CreateTruncating(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Count)));
        T adamScale = T.CreateTruncating(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Count)));
        for (long i = 0; i < n; i++)
        {
            T p = parameter[i] * shrink;
            T g = (scale * gradient[i]) + (coupled * parameter[i]);
            switch (rule)
            {
                case UpdateRule.Momentum:
                    if (step.Beta1 == 0)
                    {
                        parameter[i] = p - (rate * g);
                        break;
                    }

                    first[i] = step.Count == 1 ? g : (beta1 * first[i]) + (enters * g);
                    parameter[i] = p - (rate * (step.Nesterov ? g + (beta1 * first[i]) : first[i]));
                    break;
                case UpdateRule.AdaGrad:
                    first[i] += g * g;
                    parameter[i] = p - (rate * g / (T.Sqrt(first[i]) + epsilon));
                    break;
                case UpdateRule.RmsProp:
                    first[i] = (beta2 * first[i]) + ((T.One - beta2) * g * g);
                    T scaled = g / (T.Sqrt(first[i]) + epsilon);
                    if (step.Beta1 != 0)
                    {
                        second[i] = (beta1 * second[i]) + scaled;
                        scaled = second[i];
                    }

                    parameter[i] = p - (rate * scaled);
                    break;
                case UpdateRule.Adadelta:
                    first[i] = (beta2 * first[i]) + ((T.One - beta2) * g * g);
                    T delta = T.Sqrt(second[i] + epsilon) / T.Sqrt(first[i] + epsilon) * g;
                    second[i] = (beta2 * second[i]) + ((T.One - beta2) * delta * delta);
                    parameter[i] = p - (rate * delta);
                    break;
                default:
                    first[i] = (beta1 * first[i]) + ((T.One - beta1) * g);
                    second[i] = (beta2 * second[i]) + ((T.One - beta2) * g * g);
                    parameter[i] = p - (adamRate * first[i] / ((T.Sqrt(second[i]) * adamScale) + epsilon));
                    break;
            }
        }
    }

    private static void RequireRows(Tensor ids, Tensor table)
    {
        int rows = table.Shape.Extents[0];
        int* id = Pointer<int>(ids);
        for (long i = 0; i < ids.Length; i++)
        {
            if ((uint)id[i] >= (uint)rows)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id[i], $"Id number {i} is outside the table, which has {rows} rows.");
            }
        }
    }
}
