"""The 17 items of the checklist: the spine that every chart, score and page is organised by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number, stable slug, and title in both languages."""

    number: int
    slug: str
    title_en: str
    title_zh: str


ITEMS: tuple[Item, ...] = (
    Item(1, "images", "Images and trust", "Docker 镜像"),
    Item(2, "network", "Docker API and network exposure", "Docker API 与网络暴露"),
    Item(3, "logging", "Logging and auditing", "日志和审核"),
    Item(4, "mac", "SELinux or AppArmor", "SELinux 或 AppArmor"),
    Item(5, "privileges", "Daemon and container privileges", "守护进程与容器特权"),
    Item(6, "cgroups", "Resource limits (cgroups)", "资源限制（cgroups）"),
    Item(7, "suid", "SUID and SGID binaries", "SUID/SGID 二进制文件"),
    Item(8, "devices", "Devices", "设备"),
    Item(9, "services", "Services and applications", "服务和应用"),
    Item(10, "mounts", "Mount points", "挂载点"),
    Item(11, "kernel", "Linux kernel and host updates", "Linux 内核与主机更新"),
    Item(12, "userns", "User namespaces", "用户命名空间"),
    Item(13, "seccomp", "seccomp", "seccomp"),
    Item(14, "capabilities", "Linux capabilities", "Linux 能力"),
    Item(15, "tenancy", "Multi-tenancy", "多租户环境"),
    Item(16, "virtualization", "Full virtualization", "完全虚拟化"),
    Item(17, "audits", "Regular security audits", "定期安全审核"),
)

BY_NUMBER = {item.number: item for item in ITEMS}
