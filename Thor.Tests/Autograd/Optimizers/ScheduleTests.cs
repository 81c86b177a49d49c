using Thor.Autograd.Optimizers;
using Xunit;

namespace Thor.Tests.Autograd.Optimizers;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData("0.03", 0, 0.03)]
    [InlineData("0.03", 1000000, 0.03)]
    [InlineData("linear:0.03:0:3000", 0, 0.03)]
    [InlineData("linear:0.03:0:3000", 1000, 0.02)]
    [InlineData("linear:0.03:0:3000", 3000, 0)]
    [InlineData("linear:0.03:0.01:3000", 5000, 0.01)]
    [InlineData("cosine:1:0:100", 50, 0.5)]
    [InlineData("cosine:2:1:100", 25, 1.8535533905932737)]
    [InlineData("cosine:2:1:100", 101, 1)]
    [InlineData("polynomial:0.058:0:53:4.08", 0, 0.058)]
    [InlineData("polynomial:1:0:4:2", 1, 0.5625)]
    [InlineData("exponential:0.03:0.5:10", 5, 0.021213203435596427)]
    [InlineData("exponential:0.03:0.5:10", 20, 0.0075)]
    [InlineData("steps:0.1:0.5:39:40", 38, 0.1)]
    [InlineData("steps:0.1:0.5:39:40", 39, 0.05)]
    [InlineData("steps:0.1:0.5:39:40", 40, 0.025)]
    [InlineData("warmup:4:linear:1:0:10", 0, 0.25)]
    [InlineData("warmup:4:linear:1:0:10", 1, 0.45)]
    [InlineData("warmup:4:linear:1:0:10", 5, 0.5)]
    [InlineData("linear:1:0:10*steps:1:0.5:4*0.25", 3, 0.175)]
    [InlineData("linear:1:0:10*steps:1:0.5:4*0.25", 5, 0.0625)]
    [InlineData("warmup:4:linear:1:0:10*steps:1:0.5:1", 1, 0.225)]
    public void Schedule_FromText_HasTheValueAndTheSameText(string text, long step, double expected)
    {
        Schedule schedule = Schedule.Parse(text);
        Assert.Equal(expected, schedule.At(step), 1e-15);
        Assert.Equal(text, schedule.ToString());
    }

    [Theory]
    [InlineData("thor-resnet-rate:5004", 0, 0.058)]
    [InlineData("thor-resnet-rate:5004", 50040, 0.024713470893789377)] // epoch 10
    [InlineData("thor-resnet-rate:5004", 192654, 0.0002929300290797267)] // epoch 38.5
    [InlineData("thor-resnet-rate:5004", 195156, 0.00012692723969677446)] // epoch 39: half
    [InlineData("thor-resnet-rate:5004", 200160, 4.690415665479817e-05)] // epoch 40: a quarter
    [InlineData("thor-resnet-rate:5004", 265212, 0)]
    [InlineData("thor-resnet-damping:5004", 0, 0.03)]
    [InlineData("thor-resnet-damping:5004", 50040, 0.015)]
    [InlineData("thor-resnet-damping:5004", 192654, 0.002080442760127209)]
    [InlineData("thor-bert-rate", 7500, 0.00365625)]
    [InlineData("thor-bert-rate", 30000, 0)]
    [InlineData("thor-bert-damping", 7500, 0.00221484375)]
    public void Schedule_Published_HasTheGoldenValueAndATextThatIsReadBack(string text, long step, double expected)
    {
        Schedule schedule = Schedule.Parse(text);
        Assert.Equal(expected, schedule.At(step), 1e-15);
        Assert.Equal(expected, Schedule.Parse(schedule.ToString()).At(step), 1e-15);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("0.1*")]
    [InlineData("thor-resnet-rate")]
    [InlineData("thor-resnet-rate:0")]
    [InlineData("thor-bert-rate:5")]
    [InlineData("fast")]
    [InlineData("nan")]
    [InlineData("linear:1:0")]
    [InlineData("linear:1:0:0")]
    [InlineData("linear:1:0:-5")]
    [InlineData("cosine:1:x:5")]
    [InlineData("steps:1:0.5:5:5")]
    [InlineData("warmup:10")]
    [InlineData("warmup:10:nothing")]
    public void Schedule_OfNoKnownForm_IsRefusedWithTheForms(string text)
    {
        FormatException problem = Assert.Throws<FormatException>(() => Schedule.Parse(text));
        Assert.Contains("cosine:FROM:TO:STEPS", problem.Message, StringComparison.Ordinal);
    }
}
