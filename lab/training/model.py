"""The network: transmission in, anomaly map and score out. Everything between is in the graph."""
import torch
import torch.nn as nn
import torch.nn.functional as F

FLOOR = 4e-4  # transmission below which the logarithm says nothing
STEEL_RATIO = 1.13  # of low to high attenuation, behind some steel
FEATURES = 5  # high, its root, residual, ratio, height
FULL_HEIGHT_ROWS = 418  # 4.6 m at 11 mm


def block(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True),
        nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True))


class Context(nn.Module):
    """Looks along whole stacks: depthwise 9 x 1 and 1 x 9."""

    def __init__(self, width):
        super().__init__()
        self.tall = nn.Conv2d(width, width, (9, 1), padding=(4, 0), groups=width)
        self.wide = nn.Conv2d(width, width, (1, 9), padding=(0, 4), groups=width)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, x):
        return x + F.relu(self.mix(F.relu(self.wide(self.tall(x)))))


class AnomalyNet(nn.Module):
    """A U-Net from a quarter to a thirty-second of the size; at a thirty-second it sees objects of two metres whole."""

    def __init__(self, energies=2, widths=(32, 56, 88, 112)):
        super().__init__()
        self.energies = energies
        a, b, c, d = widths
        self.stem = nn.Sequential(
            nn.Conv2d(FEATURES, a, 6, 4, 1, bias=False), nn.BatchNorm2d(a), nn.LeakyReLU(0.1, inplace=True),
            nn.Conv2d(a, a, 3, 1, 1, bias=False), nn.BatchNorm2d(a), nn.LeakyReLU(0.1, inplace=True))
        self.down1, self.down2, self.down3 = block(a, b, 2), block(b, c, 2), block(c, d, 2)
        self.context = nn.Sequential(Context(c), Context(c))
        self.far = nn.Sequential(Context(d), Context(d))
        self.back = nn.Conv2d(d, c, 1)  # starts at 0: the coarsest level joins in as it learns
        self.up1, self.up0 = block(c + b, b), block(b + a, a)
        self.head = nn.Conv2d(a, 1, 1)
        nn.init.constant_(self.head.bias, -2.0)
        nn.init.zeros_(self.back.weight)
        nn.init.zeros_(self.back.bias)

    def features(self, transmission, first_row, both):
        attenuation = -torch.log(transmission.clamp(FLOOR, 1.3))
        rows = torch.cumsum(torch.ones_like(transmission[:, :1]), dim=2)
        height = (rows + first_row) / FULL_HEIGHT_ROWS - 0.5
        high = attenuation[:, :1]
        if self.energies == 1:
            difference = [torch.zeros_like(high), torch.zeros_like(high)]
        else:
            low = attenuation[:, 1:]
            residual = ((low - STEEL_RATIO * high) * 4).clamp(-3, 3)
            ratio = ((low + 0.03) / (high.clamp(min=0) + 0.03) - STEEL_RATIO).clamp(-0.4, 0.4) * 5
            difference = [residual * both, ratio * both]
        return torch.cat([high / 3, torch.sqrt(high.clamp(min=1e-4)) - 0.5, *difference, height], 1)

    def logits(self, transmission, first_row=0.0, both=1.0):
        """At a quarter of the size. `both` is 0 for examples of a single energy: what they say together is left out."""
        # with 32 bits also where the rest is trained with 16, which would round small contrasts away
        with torch.autocast(transmission.device.type, enabled=False):
            x0 = self.stem(self.features(transmission, first_row, both))
        x1 = self.down1(x0)
        x2 = self.context(self.down2(x1))
        up = lambda x: F.interpolate(x, scale_factor=2.0, mode='nearest')
        x2 = x2 + up(self.back(self.far(self.down3(x2))))
        y = self.up1(torch.cat([up(x2), x1], 1))
        return self.head(self.up0(torch.cat([up(y), x0], 1)))

    def forward(self, transmission):
        return told(self.logits(transmission))


def told(logits):
    """(anomaly map, score) at the size of the image, of logits at a quarter of it."""
    anomaly_map = torch.sigmoid(F.interpolate(logits, scale_factor=4.0, mode='bilinear', align_corners=False))
    return anomaly_map, score_of(anomaly_map)


def score_of(anomaly_map):
    """The greatest mean over 5 x 5 pixels."""
    return F.avg_pool2d(anomaly_map, 5, 1, 2).amax(dim=(1, 2, 3))
